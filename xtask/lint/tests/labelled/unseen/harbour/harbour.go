// Package harbour brings up the parcel platform for end-to-end tests.
package harbour

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Harbour is one test environment.
type Harbour struct {
	Name       string
	Namespace  string
	Kubeconfig string
	Root       string
	Tag        string
	Out        io.Writer
	Metrics    bool
	Tracing    bool
}

func (h *Harbour) run(ctx context.Context, dir, tool string, args ...string) error {
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "KUBECONFIG="+h.Kubeconfig)
	cmd.Stdout = h.Out
	cmd.Stderr = h.Out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", tool, strings.Join(args, " "), err)
	}
	return nil
}

func (h *Harbour) kubectl(ctx context.Context, args ...string) error {
	return h.run(ctx, h.Root, "kubectl", append([]string{"-n", h.Namespace}, args...)...)
}

func (h *Harbour) chart(ctx context.Context, release, chart string, set ...string) error {
	args := []string{"upgrade", "--install", release, chart, "--namespace", h.Namespace, "--wait", "--timeout", "5m"}
	for _, pair := range set {
		args = append(args, "--set", pair)
	}
	return h.run(ctx, h.Root, "helm", args...)
}

func (h *Harbour) applyText(ctx context.Context, manifest string) error {
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", h.Kubeconfig, "-n", h.Namespace, "apply", "-f", "-")
	cmd.Stdin = strings.NewReader(manifest)
	cmd.Stdout = h.Out
	cmd.Stderr = h.Out
	return cmd.Run()
}

func (h *Harbour) available(ctx context.Context, workload string, limit time.Duration) error {
	return h.kubectl(ctx, "wait", "--for=condition=Available", workload, "--timeout="+limit.String())
}

func (h *Harbour) query(ctx context.Context, statement string) (string, error) {
	var answer bytes.Buffer
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", h.Kubeconfig, "-n", h.Namespace,
		"exec", "statefulset/tracking-db", "--", "psql", "-At", "-U", "parcel", "-c", statement)
	cmd.Stdout = &answer
	cmd.Stderr = h.Out
	err := cmd.Run()
	return strings.TrimSpace(answer.String()), err
}

// Open brings up everything, in the order in which it was written down over the years.
func (h *Harbour) Open(ctx context.Context) error {
	began := time.Now()
	fmt.Fprintf(h.Out, "==> opening harbour %s\n", h.Name)

	kindConfig := filepath.Join(h.Root, "e2e", "kind.yaml")
	if _, err := os.Stat(kindConfig); err != nil {
		return fmt.Errorf("kind configuration: %w", err)
	}

	fmt.Fprintln(h.Out, "==> [1/7] cluster")
	if err := h.run(ctx, h.Root, "kind", "create", "cluster", "--name", h.Name, "--config", kindConfig, "--kubeconfig", h.Kubeconfig, "--wait", "120s"); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	if err := h.run(ctx, h.Root, "kubectl", "create", "namespace", h.Namespace); err != nil {
		return fmt.Errorf("namespace: %w", err)
	}

	fmt.Fprintln(h.Out, "==> [2/7] certificates")
	certManager := "https://github.com/cert-manager/cert-manager/releases/download/v1.15.3/cert-manager.yaml"
	if err := h.run(ctx, h.Root, "kubectl", "apply", "-f", certManager); err != nil {
		return fmt.Errorf("cert-manager: %w", err)
	}
	if err := h.run(ctx, h.Root, "kubectl", "-n", "cert-manager", "wait", "--for=condition=Available", "deployment", "--all", "--timeout=3m"); err != nil {
		return fmt.Errorf("cert-manager is not available: %w", err)
	}
	// The webhook of cert-manager must answer before an issuer is accepted.
	if err := h.applyText(ctx, selfSignedIssuer); err != nil {
		return fmt.Errorf("issuer: %w", err)
	}

	fmt.Fprintln(h.Out, "==> [3/7] backing services")
	if err := h.chart(ctx, "tracking-db", "charts/postgres", "auth.database=parcel"); err != nil { // label: wait-between-deploys ?
		return fmt.Errorf("tracking database: %w", err)
	}
	if err := h.chart(ctx, "queue", "charts/rabbit", "replicas=1"); err != nil { // label: sequential-deploy
		return fmt.Errorf("queue: %w", err)
	}
	if err := h.chart(ctx, "blobs", "charts/minio", "buckets[0]=labels"); err != nil { // label: sequential-deploy ?
		return fmt.Errorf("blob store: %w", err)
	}

	fmt.Fprintln(h.Out, "==> [4/7] schema")
	if err := h.migrate(ctx); err != nil {
		return err
	}
	version, err := h.query(ctx, "select max(version) from schema_migrations")
	if err != nil {
		return fmt.Errorf("schema version: %w", err)
	}
	if version == "" {
		return errors.New("the schema has no version")
	}
	fmt.Fprintf(h.Out, "    schema is at %s\n", version)

	fmt.Fprintln(h.Out, "==> [5/7] services")
	services := []struct {
		release string
		values  []string
	}{
		{"tracking", []string{"image.tag=" + h.Tag, "database.host=tracking-db"}},
		{"routing", []string{"image.tag=" + h.Tag, "queue.host=queue"}},
		{"labels", []string{"image.tag=" + h.Tag, "blobs.endpoint=http://blobs:9000"}},
		{"notify", []string{"image.tag=" + h.Tag, "queue.host=queue"}},
	}
	for _, service := range services {
		fmt.Fprintf(h.Out, "    %s\n", service.release)
		if err := h.chart(ctx, service.release, "charts/"+service.release, service.values...); err != nil { // label: sequential-deploy
			return fmt.Errorf("%s: %w", service.release, err)
		}
	}

	fmt.Fprintln(h.Out, "==> [6/7] observability")
	if h.Metrics {
		if err := h.chart(ctx, "prometheus", "charts/prometheus"); err != nil { // label: sequential-deploy ?
			return fmt.Errorf("prometheus: %w", err)
		}
	}
	if h.Tracing {
		if err := h.chart(ctx, "jaeger", "charts/jaeger"); err != nil { // label: sequential-deploy
			return fmt.Errorf("jaeger: %w", err)
		}
	}

	fmt.Fprintln(h.Out, "==> [7/7] first parcel")
	if err := h.kubectl(ctx, "exec", "deployment/tracking", "--", "/tracking", "seed", "--parcels", "25"); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	fmt.Fprintf(h.Out, "==> open after %s\n", time.Since(began).Round(time.Second))
	return nil
}

// migrate runs the migration as a Job and waits for its end.
func (h *Harbour) migrate(ctx context.Context) error {
	if err := h.kubectl(ctx, "delete", "job", "parcel-schema", "--ignore-not-found"); err != nil {
		return fmt.Errorf("old schema job: %w", err)
	}
	if err := h.kubectl(ctx, "apply", "-f", "deploy/schema-job.yaml"); err != nil {
		return fmt.Errorf("schema job: %w", err)
	}
	if err := h.kubectl(ctx, "wait", "--for=condition=Complete", "job/parcel-schema", "--timeout=120s"); err != nil {
		_ = h.kubectl(ctx, "logs", "job/parcel-schema", "--tail=50")
		return fmt.Errorf("schema: %w", err)
	}
	return nil
}

// OpenWide does the same in phases: what does not need each other runs together.
func (h *Harbour) OpenWide(ctx context.Context) error {
	phase, phaseCtx := errgroup.WithContext(ctx)
	phase.Go(func() error {
		kindConfig := filepath.Join(h.Root, "e2e", "kind.yaml")
		if err := h.run(phaseCtx, h.Root, "kind", "create", "cluster", "--name", h.Name, "--config", kindConfig, "--kubeconfig", h.Kubeconfig); err != nil {
			return err
		}
		return h.run(phaseCtx, h.Root, "kubectl", "create", "namespace", h.Namespace)
	})
	phase.Go(func() error {
		return h.run(phaseCtx, h.Root, "docker", "buildx", "bake", "--file", "images.hcl", "--load")
	})
	if err := phase.Wait(); err != nil {
		return fmt.Errorf("cluster and images: %w", err)
	}

	// One command for all images: the layers they share go over once.
	load := []string{"load", "docker-image", "--name", h.Name}
	for _, image := range []string{"tracking", "routing", "labels", "notify"} {
		load = append(load, "parcel/"+image+":"+h.Tag)
	}
	if err := h.run(ctx, h.Root, "kind", load...); err != nil {
		return fmt.Errorf("load: %w", err)
	}

	backing, backingCtx := errgroup.WithContext(ctx)
	backing.Go(func() error { return h.chart(backingCtx, "tracking-db", "charts/postgres", "auth.database=parcel") })
	backing.Go(func() error { return h.chart(backingCtx, "queue", "charts/rabbit", "replicas=1") })
	backing.Go(func() error { return h.chart(backingCtx, "blobs", "charts/minio", "buckets[0]=labels") })
	if err := backing.Wait(); err != nil {
		return fmt.Errorf("backing services: %w", err)
	}
	if err := h.migrate(ctx); err != nil {
		return err
	}

	services, servicesCtx := errgroup.WithContext(ctx)
	for _, name := range []string{"tracking", "routing", "labels", "notify"} {
		services.Go(func() error {
			return h.chart(servicesCtx, name, "charts/"+name, "image.tag="+h.Tag)
		})
	}
	return services.Wait()
}

// Reopen replaces one service; it is waited for, because the test asks it next.
func (h *Harbour) Reopen(ctx context.Context, service, tag string) error {
	if err := h.kubectl(ctx, "set", "image", "deployment/"+service, service+"=parcel/"+service+":"+tag); err != nil {
		return err
	}
	return h.kubectl(ctx, "rollout", "status", "deployment/"+service, "--timeout=120s")
}

// Close takes everything away again, last things first.
func (h *Harbour) Close(ctx context.Context) error {
	var failures []error
	for _, release := range []string{"notify", "labels", "routing", "tracking", "blobs", "queue", "tracking-db"} {
		if err := h.run(ctx, h.Root, "helm", "uninstall", release, "--namespace", h.Namespace, "--wait"); err != nil {
			failures = append(failures, err)
		}
	}
	if err := h.run(ctx, h.Root, "kind", "delete", "cluster", "--name", h.Name, "--kubeconfig", h.Kubeconfig); err != nil {
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

const selfSignedIssuer = `
apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  name: self-signed
spec:
  selfSigned: {}
`
