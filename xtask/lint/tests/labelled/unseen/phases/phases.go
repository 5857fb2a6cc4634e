// Package phases brings up the harvest stack, phase by phase, with much to read on the way.
package phases

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Stack says what to bring up.
type Stack struct {
	Cluster    string
	Kubeconfig string
	Root       string
	Coverage   bool
}

type phaseResult struct {
	Name string
	Err  error
}

func apply(ctx context.Context, kubeconfig, namespace, file string, w io.Writer) error {
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfig, "--namespace", namespace, "apply", "--filename", file)
	cmd.Stdout = w
	cmd.Stderr = w
	return cmd.Run()
}

func rolledOut(ctx context.Context, kubeconfig, namespace, workload string, w io.Writer) error {
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfig, "--namespace", namespace, "rollout", "status", workload, "--timeout=180s")
	cmd.Stdout = w
	cmd.Stderr = w
	return cmd.Run()
}

// BringUpHarvest is the whole set-up of the harvest tests in one function.
func BringUpHarvest(ctx context.Context, s Stack, w io.Writer) error {
	namespace := "harvest"
	tag := fmt.Sprintf("e2e-%d", time.Now().UnixNano())
	fmt.Fprintln(w, strings.Repeat("-", 60))
	fmt.Fprintf(w, "harvest stack, images %s\n", tag)
	fmt.Fprintln(w, strings.Repeat("-", 60))

	// ---------------------------------------------------------------
	// Phase 0: a directory for coverage, if it is wanted.
	// ---------------------------------------------------------------
	if s.Coverage {
		if err := os.MkdirAll(filepath.Join(s.Root, "covdata"), 0o777); err != nil {
			return fmt.Errorf("directory for coverage: %w", err)
		}
	}

	// ---------------------------------------------------------------
	// Phase 1: images.
	// ---------------------------------------------------------------
	fmt.Fprintln(w, "[1/6] images")
	buildBarn := exec.CommandContext(ctx, "podman", "build", "--tag", "localhost/barn:"+tag, "--file", "barn/Containerfile", ".")
	buildBarn.Dir = s.Root
	buildBarn.Stdout, buildBarn.Stderr = w, w
	if err := buildBarn.Run(); err != nil {
		return fmt.Errorf("image of the barn: %w", err)
	}
	// label: build-in-sequence ?
	buildTractor := exec.CommandContext(ctx, "podman", "build", "--tag", "localhost/tractor:"+tag, "--file", "tractor/Containerfile", ".")
	buildTractor.Dir = s.Root
	buildTractor.Stdout, buildTractor.Stderr = w, w
	if err := buildTractor.Run(); err != nil { // label: build-in-sequence
		return fmt.Errorf("image of the tractor: %w", err)
	}

	// ---------------------------------------------------------------
	// Phase 2: cluster.
	// ---------------------------------------------------------------
	fmt.Fprintln(w, "[2/6] cluster")
	create := exec.CommandContext(ctx, "kind", "create", "cluster", "--name", s.Cluster, "--kubeconfig", s.Kubeconfig, "--wait", "2m")
	create.Stdout, create.Stderr = w, w
	if err := create.Run(); err != nil { // label: sequential-deploy ?
		return fmt.Errorf("cluster: %w", err)
	}
	makeNamespace := exec.CommandContext(ctx, "kubectl", "--kubeconfig", s.Kubeconfig, "create", "namespace", namespace)
	makeNamespace.Stdout, makeNamespace.Stderr = w, w
	if err := makeNamespace.Run(); err != nil {
		return fmt.Errorf("namespace: %w", err)
	}

	// ---------------------------------------------------------------
	// Phase 3: loads, side by side.
	// ---------------------------------------------------------------
	fmt.Fprintln(w, "[3/6] loads")
	loads := make(chan phaseResult, 2)
	go func() {
		cmd := exec.CommandContext(ctx, "kind", "load", "docker-image", "localhost/barn:"+tag, "--name", s.Cluster)
		cmd.Stdout, cmd.Stderr = w, w
		loads <- phaseResult{Name: "barn", Err: cmd.Run()}
	}()
	go func() {
		cmd := exec.CommandContext(ctx, "kind", "load", "docker-image", "localhost/tractor:"+tag, "--name", s.Cluster)
		cmd.Stdout, cmd.Stderr = w, w
		loads <- phaseResult{Name: "tractor", Err: cmd.Run()}
	}()
	var broken []string
	for i := 0; i < 2; i++ {
		result := <-loads
		if result.Err != nil {
			broken = append(broken, fmt.Sprintf("%s: %v", result.Name, result.Err))
		}
	}
	if len(broken) > 0 {
		return fmt.Errorf("loads: %s", strings.Join(broken, "; "))
	}

	// ---------------------------------------------------------------
	// Phase 4: stores.
	// ---------------------------------------------------------------
	fmt.Fprintln(w, "[4/6] stores")
	if err := apply(ctx, s.Kubeconfig, namespace, filepath.Join(s.Root, "e2e/mysql.yaml"), w); err != nil {
		return fmt.Errorf("mysql: %w", err)
	}
	if err := rolledOut(ctx, s.Kubeconfig, namespace, "statefulset/mysql", w); err != nil {
		return fmt.Errorf("mysql does not come up: %w", err)
	}
	if err := apply(ctx, s.Kubeconfig, namespace, filepath.Join(s.Root, "e2e/nats.yaml"), w); err != nil { // label: wait-between-deploys
		return fmt.Errorf("nats: %w", err)
	}
	if err := rolledOut(ctx, s.Kubeconfig, namespace, "statefulset/nats", w); err != nil {
		return fmt.Errorf("nats does not come up: %w", err)
	}

	// ---------------------------------------------------------------
	// Phase 5: schema. The barn refuses to start without it.
	// ---------------------------------------------------------------
	fmt.Fprintln(w, "[5/6] schema")
	dump, err := os.Open(filepath.Join(s.Root, "barn/schema.sql"))
	if err != nil {
		return err
	}
	defer dump.Close()
	load := exec.CommandContext(ctx, "kubectl", "--kubeconfig", s.Kubeconfig, "--namespace", namespace, "exec", "-i", "statefulset/mysql", "--", "mysql", "harvest")
	load.Stdin = dump
	load.Stdout, load.Stderr = w, w
	if err := load.Run(); err != nil {
		return fmt.Errorf("schema: %w", err)
	}

	// ---------------------------------------------------------------
	// Phase 6: services.
	// ---------------------------------------------------------------
	fmt.Fprintln(w, "[6/6] services")
	deploys := make(chan phaseResult, 3)
	for _, service := range []string{"barn", "tractor", "scale"} {
		go func() {
			deploys <- phaseResult{Name: service, Err: renderAndApply(ctx, s, namespace, service, tag, w)}
		}()
	}
	for i := 0; i < 3; i++ {
		if result := <-deploys; result.Err != nil { // label: first-error-return ?
			return fmt.Errorf("%s: %w", result.Name, result.Err) // label: first-error-return
		}
	}
	for _, service := range []string{"barn", "tractor", "scale"} {
		if err := rolledOut(ctx, s.Kubeconfig, namespace, "deployment/"+service, w); err != nil { // label: wait-per-service
			return fmt.Errorf("%s does not come up: %w", service, err)
		}
	}

	fmt.Fprintln(w, "ready: http://127.0.0.1:30222")
	return nil
}

func renderAndApply(ctx context.Context, s Stack, namespace, service, tag string, w io.Writer) error {
	template, err := os.ReadFile(filepath.Join(s.Root, "e2e", service+".yaml.in"))
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", s.Kubeconfig, "--namespace", namespace, "apply", "--filename", "-")
	cmd.Stdin = strings.NewReader(strings.ReplaceAll(string(template), "@TAG@", tag))
	cmd.Stdout, cmd.Stderr = w, w
	return cmd.Run()
}

// Scenario deploys what one test needs besides; the CRDs come first, one command brings all of them.
func Scenario(ctx context.Context, s Stack, name string, w io.Writer) error {
	dir := filepath.Join(s.Root, "scenarios", name)
	crds, err := filepath.Glob(filepath.Join(dir, "crds", "*.yaml"))
	if err != nil {
		return err
	}
	if len(crds) > 0 {
		if err := apply(ctx, s.Kubeconfig, "harvest", filepath.Join(dir, "crds"), w); err != nil {
			return fmt.Errorf("CRDs of %s: %w", name, err)
		}
	}
	objects, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := apply(ctx, s.Kubeconfig, "harvest", object, w); err != nil { // label: apply-per-file
			return fmt.Errorf("%s: %w", object, err)
		}
	}
	return nil
}

// Collect puts what is left of a failed run where somebody can read it.
func Collect(ctx context.Context, s Stack, into string) error {
	for _, what := range []string{"pods", "events", "jobs"} {
		output, err := exec.CommandContext(ctx, "kubectl", "--kubeconfig", s.Kubeconfig, "get", what, "--all-namespaces", "-o", "wide").CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if err := os.WriteFile(filepath.Join(into, what+".txt"), output, 0o600); err != nil {
			return err
		}
	}
	return nil
}
