package infra

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// SetupOrdersInfrastructure brings up everything that the order suite talks to.
func SetupOrdersInfrastructure(ctx context.Context, clusterName, kubeconfigPath string, writer io.Writer) error {
	_, _ = fmt.Fprintln(writer, "----------------------------------------------------")
	_, _ = fmt.Fprintln(writer, "Orders E2E infrastructure")
	_, _ = fmt.Fprintln(writer, "----------------------------------------------------")

	namespace := "orders-e2e"

	_, _ = fmt.Fprintln(writer, "Phase 1: build images")
	if err := buildOrdersImage(writer); err != nil {
		return fmt.Errorf("orders image: %w", err)
	}
	_, _ = fmt.Fprintln(writer, "  orders image built")
	// label: build-in-sequence
	if err := buildPaymentsImage(writer); err != nil {
		return fmt.Errorf("payments image: %w", err)
	}
	_, _ = fmt.Fprintln(writer, "  payments image built")

	_, _ = fmt.Fprintln(writer, "Phase 2: cluster")
	if err := createOrdersKindCluster(clusterName, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("failed to create kind cluster: %w", err)
	}

	_, _ = fmt.Fprintln(writer, "Phase 3: load images")
	if err := loadOrdersImage(clusterName, writer); err != nil {
		return fmt.Errorf("load orders: %w", err)
	}
	// label: load-per-image
	if err := loadPaymentsImage(clusterName, writer); err != nil {
		return fmt.Errorf("load payments: %w", err)
	}

	_, _ = fmt.Fprintln(writer, "Phase 4: namespace and CRDs")
	if err := createOrdersNamespace(ctx, namespace, kubeconfigPath); err != nil {
		return fmt.Errorf("failed to create namespace: %w", err)
	}
	if err := installOrderCRDs(kubeconfigPath, writer); err != nil {
		return fmt.Errorf("failed to install CRDs: %w", err)
	}

	_, _ = fmt.Fprintln(writer, "Phase 5: services")
	if err := deployPostgreSQL(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("failed to deploy PostgreSQL: %w", err)
	}
	_, _ = fmt.Fprintln(writer, "  PostgreSQL deployed")
	// label: sequential-deploy
	if err := deployRedis(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("failed to deploy Redis: %w", err)
	}
	_, _ = fmt.Fprintln(writer, "  Redis deployed")
	if err := deployKafka(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("failed to deploy Kafka: %w", err)
	}

	if err := applyOrderMigrations(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}

	if err := deployOrdersService(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("failed to deploy orders: %w", err)
	}
	_, _ = fmt.Fprintf(writer, "  orders deployed to %s\n", namespace)
	// label: sequential-deploy
	if err := deployPaymentsService(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("failed to deploy payments: %w", err)
	}

	_, _ = fmt.Fprintln(writer, "Phase 6: wait")
	if err := waitForOrdersReady(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	return nil
}

func createOrdersKindCluster(name, kubeconfigPath string, writer io.Writer) error {
	cmd := exec.Command("kind", "create", "cluster", "--name", name, "--kubeconfig", kubeconfigPath)
	cmd.Stdout = writer
	cmd.Stderr = writer
	return cmd.Run()
}

func buildOrdersImage(writer io.Writer) error {
	cmd := exec.Command("podman", "build", "-t", "localhost/orders:e2e", "-f", "build/orders.Dockerfile", ".")
	cmd.Stdout = writer
	cmd.Stderr = writer
	return cmd.Run()
}

func buildPaymentsImage(writer io.Writer) error {
	cmd := exec.Command("podman", "build", "-t", "localhost/payments:e2e", "-f", "build/payments.Dockerfile", ".")
	cmd.Stdout = writer
	cmd.Stderr = writer
	return cmd.Run()
}

func loadOrdersImage(clusterName string, writer io.Writer) error {
	cmd := exec.Command("kind", "load", "docker-image", "localhost/orders:e2e", "--name", clusterName)
	cmd.Stdout = writer
	return cmd.Run()
}

func loadPaymentsImage(clusterName string, writer io.Writer) error {
	cmd := exec.Command("kind", "load", "docker-image", "localhost/payments:e2e", "--name", clusterName)
	cmd.Stdout = writer
	return cmd.Run()
}

func createOrdersNamespace(ctx context.Context, namespace, kubeconfigPath string) error {
	clientset, err := ordersClient(kubeconfigPath)
	if err != nil {
		return err
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	_, err = clientset.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{})
	if err != nil && !strings.Contains(err.Error(), "already exists") {
		return err
	}
	return nil
}

func ordersClient(kubeconfigPath string) (*kubernetes.Clientset, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfigPath)
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}

func installOrderCRDs(kubeconfigPath string, writer io.Writer) error {
	cmd := exec.Command("kubectl", "--kubeconfig", kubeconfigPath, "apply", "-f", "config/crd/bases")
	cmd.Stdout = writer
	cmd.Stderr = writer
	return cmd.Run()
}

func deployPostgreSQL(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	return ordersApply(ctx, kubeconfigPath, filepath.Join("test", "manifests", "postgres.yaml"), namespace, writer)
}

func deployRedis(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	return ordersApply(ctx, kubeconfigPath, filepath.Join("test", "manifests", "redis.yaml"), namespace, writer)
}

func deployKafka(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	return ordersApply(ctx, kubeconfigPath, filepath.Join("test", "manifests", "kafka.yaml"), namespace, writer)
}

func deployOrdersService(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	return ordersApply(ctx, kubeconfigPath, filepath.Join("deploy", "orders.yaml"), namespace, writer)
}

func deployPaymentsService(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	return ordersApply(ctx, kubeconfigPath, filepath.Join("deploy", "payments.yaml"), namespace, writer)
}

func applyOrderMigrations(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	for attempt := 1; attempt <= 10; attempt++ {
		cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "-n", namespace,
			"exec", "deploy/postgres", "--", "psql", "-U", "orders", "-f", "/migrations/all.sql")
		if out, err := cmd.CombinedOutput(); err == nil {
			_, _ = fmt.Fprintf(writer, "%s", out)
			return nil
		}
		time.Sleep(2 * time.Second)
	}
	return fmt.Errorf("migrations did not run")
}

func ordersApply(ctx context.Context, kubeconfigPath, manifest, namespace string, writer io.Writer) error {
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "apply", "-n", namespace, "-f", manifest)
	cmd.Stdout = writer
	cmd.Stderr = writer
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("apply %s: %w", manifest, err)
	}
	return nil
}

func waitForOrdersReady(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "-n", namespace,
		"wait", "--for=condition=Available", "deployment", "--all", "--timeout=180s")
	cmd.Stdout = writer
	return cmd.Run()
}

// SetupOrdersWithWaits is the careful variant: every service is up before the next is applied.
func SetupOrdersWithWaits(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	if err := createOrdersNamespace(ctx, namespace, kubeconfigPath); err != nil {
		return err
	}
	if err := deployPostgreSQL(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	// label: wait-between-deploys
	if err := waitForPod(ctx, namespace, "app=postgres", kubeconfigPath); err != nil {
		return fmt.Errorf("postgres not ready: %w", err)
	}
	if err := deployRedis(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	// label: wait-between-deploys
	if err := waitForPod(ctx, namespace, "app=redis", kubeconfigPath); err != nil {
		return fmt.Errorf("redis not ready: %w", err)
	}
	if err := deployKafka(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	return waitForPod(ctx, namespace, "app=kafka", kubeconfigPath)
}

func waitForPod(ctx context.Context, namespace, selector, kubeconfigPath string) error {
	deadline := time.Now().Add(3 * time.Minute)
	for time.Now().Before(deadline) {
		cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "-n", namespace, "get", "pods", "-l", selector,
			"-o", "jsonpath={.items[*].status.containerStatuses[*].ready}")
		out, err := cmd.Output()
		if err == nil && strings.Contains(string(out), "true") {
			return nil
		}
		time.Sleep(time.Second)
	}
	return fmt.Errorf("%s not ready", selector)
}

// SetupOrdersParallel does it right: launch all, collect all, wait once.
func SetupOrdersParallel(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	if err := createOrdersNamespace(ctx, namespace, kubeconfigPath); err != nil {
		return err
	}
	type result struct {
		name string
		err  error
	}
	results := make(chan result, 3)
	go func() {
		results <- result{"postgres", deployPostgreSQL(ctx, namespace, kubeconfigPath, writer)}
	}()
	go func() {
		results <- result{"redis", deployRedis(ctx, namespace, kubeconfigPath, writer)}
	}()
	go func() {
		results <- result{"kafka", deployKafka(ctx, namespace, kubeconfigPath, writer)}
	}()
	var failures []error
	for i := 0; i < 3; i++ {
		r := <-results
		if r.err != nil {
			_, _ = fmt.Fprintf(writer, "%s failed: %v\n", r.name, r.err)
			failures = append(failures, fmt.Errorf("%s: %w", r.name, r.err))
			continue
		}
		_, _ = fmt.Fprintf(writer, "%s deployed\n", r.name)
	}
	if len(failures) > 0 {
		return fmt.Errorf("deploys failed: %v", failures)
	}
	return waitForOrdersReady(ctx, namespace, kubeconfigPath, writer)
}

// SetupOrdersFirstError loses what the other workers say.
func SetupOrdersFirstError(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	type result struct {
		name string
		err  error
	}
	results := make(chan result, 2)
	go func() {
		err := deployPostgreSQL(ctx, namespace, kubeconfigPath, writer)
		results <- result{name: "postgres", err: err}
	}()
	go func() {
		err := deployRedis(ctx, namespace, kubeconfigPath, writer)
		results <- result{name: "redis", err: err}
	}()
	for i := 0; i < 2; i++ {
		r := <-results // label: first-error-return
		if r.err != nil {
			return fmt.Errorf("%s failed: %w", r.name, r.err)
		}
		_, _ = fmt.Fprintf(writer, "%s ready\n", r.name)
	}
	return nil
}

// SetupOrdersPretend launches workers, and waits for each before the next.
func SetupOrdersPretend(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	pgDone := make(chan error, 1)
	go func() {
		pgDone <- deployPostgreSQL(ctx, namespace, kubeconfigPath, writer)
	}()
	// label: wait-between-deploys
	if err := <-pgDone; err != nil {
		return err
	}
	redisDone := make(chan error, 1)
	go func() {
		redisDone <- deployRedis(ctx, namespace, kubeconfigPath, writer)
	}()
	if err := <-redisDone; err != nil {
		return err
	}
	return nil
}
