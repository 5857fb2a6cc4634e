package infra

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// Endpoint is where a deployed thing can be reached.
type Endpoint struct {
	Host string
	Port int
}

func deployVault(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) (*Endpoint, error) {
	cmd := exec.CommandContext(ctx, "helm", "upgrade", "--install", "vault", "hashicorp/vault", "-n", namespace, "--kubeconfig", kubeconfigPath, "--wait")
	cmd.Stdout = writer
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return &Endpoint{Host: "vault." + namespace, Port: 8200}, nil
}

func deployLedger(ctx context.Context, namespace, kubeconfigPath, vaultAddress string, writer io.Writer) error {
	cmd := exec.CommandContext(ctx, "helm", "upgrade", "--install", "ledger", "./charts/ledger", "-n", namespace, "--kubeconfig", kubeconfigPath,
		"--set", "vault.address="+vaultAddress)
	cmd.Stdout = writer
	return cmd.Run()
}

func deployMockBank(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	cmd := exec.CommandContext(ctx, "helm", "upgrade", "--install", "mock-bank", "./charts/mock-bank", "-n", namespace, "--kubeconfig", kubeconfigPath, "--wait")
	cmd.Stdout = writer
	return cmd.Run()
}

// SetupLedger hands what vault answers to the ledger: the order is needed.
func SetupLedger(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	endpoint, err := deployVault(ctx, namespace, kubeconfigPath, writer)
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	address := fmt.Sprintf("http://%s:%d", endpoint.Host, endpoint.Port)
	if err := deployLedger(ctx, namespace, kubeconfigPath, address, writer); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// SetupBank does not use what vault answers.
func SetupBank(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	if _, err := deployVault(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	// label: sequential-deploy
	if err := deployMockBank(ctx, namespace, kubeconfigPath, writer); err != nil {
		return fmt.Errorf("bank: %w", err)
	}
	return nil
}

// SetupMixed: the second needs the first, the third needs none of them.
func SetupMixed(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	endpoint, err := deployVault(ctx, namespace, kubeconfigPath, writer)
	if err != nil {
		return err
	}
	if err := deployLedger(ctx, namespace, kubeconfigPath, endpoint.Host, writer); err != nil {
		return err
	}
	// label: sequential-deploy
	return deployMockBank(ctx, namespace, kubeconfigPath, writer)
}

// deployGrafanaObjects makes the objects of one application; they belong together and cost nothing one by one.
func deployGrafanaObjects(ctx context.Context, clientset *kubernetes.Clientset, namespace string) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "grafana-admin", Namespace: namespace}}
	if _, err := clientset.CoreV1().Secrets(namespace).Create(ctx, secret, metav1.CreateOptions{}); err != nil {
		return err
	}
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "grafana-config", Namespace: namespace}}
	if _, err := clientset.CoreV1().ConfigMaps(namespace).Create(ctx, config, metav1.CreateOptions{}); err != nil {
		return err
	}
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "grafana", Namespace: namespace}}
	if _, err := clientset.CoreV1().Services(namespace).Create(ctx, service, metav1.CreateOptions{}); err != nil {
		return err
	}
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "grafana", Namespace: namespace}}
	if _, err := clientset.AppsV1().Deployments(namespace).Create(ctx, deployment, metav1.CreateOptions{}); err != nil {
		return err
	}
	return nil
}

// ensurePrometheus has no verb that says deploy, but its body does.
func ensurePrometheus(ctx context.Context, namespace, kubeconfigPath string) error {
	return exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "-n", namespace, "apply", "-f", "test/manifests/prometheus.yaml").Run()
}

func ensureAlertManager(ctx context.Context, namespace, kubeconfigPath string) error {
	return exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "-n", namespace, "apply", "-f", "test/manifests/alertmanager.yaml").Run()
}

// SetupMonitoring calls helpers that have to be looked through.
func SetupMonitoring(ctx context.Context, clientset *kubernetes.Clientset, namespace, kubeconfigPath string) error {
	if err := deployGrafanaObjects(ctx, clientset, namespace); err != nil {
		return err
	}
	// label: sequential-deploy
	if err := ensurePrometheus(ctx, namespace, kubeconfigPath); err != nil {
		return err
	}
	if err := ensureAlertManager(ctx, namespace, kubeconfigPath); err != nil {
		return err
	}
	return nil
}

// SetupEither deploys one or the other.
func SetupEither(ctx context.Context, namespace, kubeconfigPath string, useVault bool, writer io.Writer) error {
	if useVault {
		_, err := deployVault(ctx, namespace, kubeconfigPath, writer)
		return err
	}
	return deployMockBank(ctx, namespace, kubeconfigPath, writer)
}

// SetupByMode takes one arm.
func SetupByMode(ctx context.Context, namespace, kubeconfigPath, mode string, writer io.Writer) error {
	switch mode {
	case "vault":
		if _, err := deployVault(ctx, namespace, kubeconfigPath, writer); err != nil {
			return err
		}
	case "bank":
		if err := deployMockBank(ctx, namespace, kubeconfigPath, writer); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown mode %q", mode)
	}
	return nil
}

// SetupSeeded has to ask the first service before the second can start.
func SetupSeeded(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	if err := deployMockBank(ctx, namespace, kubeconfigPath, writer); err != nil {
		return err
	}
	if err := waitForPod(ctx, namespace, "app=mock-bank", kubeconfigPath); err != nil {
		return err
	}
	if err := seedBankAccounts(ctx, "http://127.0.0.1:30090"); err != nil {
		return err
	}
	return deployLedger(ctx, namespace, kubeconfigPath, "", writer)
}

func seedBankAccounts(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/accounts", strings.NewReader(`{"owner":"e2e"}`))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// SetupTable hides a sequence in a table.
func SetupTable(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	steps := []struct {
		name string
		run  func() error
	}{
		{"vault", func() error {
			_, err := deployVault(ctx, namespace, kubeconfigPath, writer)
			return err
		}},
		{"bank", func() error {
			return deployMockBank(ctx, namespace, kubeconfigPath, writer) // label: sequential-deploy
		}},
	}
	for _, step := range steps {
		_, _ = fmt.Fprintf(writer, "running %s\n", step.name)
		if err := step.run(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// SetupElseIf is a sequence written as a chain.
func SetupElseIf(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	var failed error
	if err := deployPostgreSQL(ctx, namespace, kubeconfigPath, writer); err != nil {
		failed = fmt.Errorf("postgres: %w", err)
	} else if err := deployRedis(ctx, namespace, kubeconfigPath, writer); err != nil { // label: sequential-deploy
		failed = fmt.Errorf("redis: %w", err)
	}
	return failed
}

// SetupServices goes through a list and waits in each round.
func SetupServices(ctx context.Context, namespace, kubeconfigPath string, services []string, writer io.Writer) error {
	for _, service := range services {
		_, _ = fmt.Fprintf(writer, "deploying %s\n", service)
		if err := deployChart(ctx, namespace, kubeconfigPath, service, writer); err != nil {
			return fmt.Errorf("deploy %s: %w", service, err)
		}
		// label: wait-between-deploys
		if err := waitForPod(ctx, namespace, "app="+service, kubeconfigPath); err != nil {
			return fmt.Errorf("%s not ready: %w", service, err)
		}
	}
	return nil
}

func deployChart(ctx context.Context, namespace, kubeconfigPath, service string, writer io.Writer) error {
	cmd := exec.CommandContext(ctx, "helm", "install", service, "./charts/"+service, "-n", namespace, "--kubeconfig", kubeconfigPath)
	cmd.Stdout = writer
	return cmd.Run()
}

// RetryDeploy tries one thing several times.
func RetryDeploy(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	var last error
	for attempt := 0; attempt < 3; attempt++ {
		if last = deployMockBank(ctx, namespace, kubeconfigPath, writer); last == nil {
			return nil
		}
		time.Sleep(5 * time.Second)
	}
	return last
}

// SetupAfterComment says why the second waits for the first.
func SetupAfterComment(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	if _, err := deployVault(ctx, namespace, kubeconfigPath, writer); err != nil {
		return err
	}
	// The bank reads its keys once, when it starts: vault must be unsealed before.
	return deployMockBank(ctx, namespace, kubeconfigPath, writer)
}

// waitForEverything asks for one service after another.
func waitForEverything(ctx context.Context, namespace, kubeconfigPath string) error {
	if err := waitForDeployment(ctx, namespace, "orders", kubeconfigPath); err != nil {
		return err
	}
	// label: wait-per-service
	if err := waitForDeployment(ctx, namespace, "payments", kubeconfigPath); err != nil {
		return err
	}
	if err := waitForDeployment(ctx, namespace, "ledger", kubeconfigPath); err != nil {
		return err
	}
	return nil
}

// waitForList asks in a loop.
func waitForList(ctx context.Context, namespace, kubeconfigPath string) error {
	for _, name := range []string{"orders", "payments", "ledger"} {
		if err := waitForDeployment(ctx, namespace, name, kubeconfigPath); err != nil { // label: wait-per-service
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func waitForDeployment(ctx context.Context, namespace, name, kubeconfigPath string) error {
	return exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "-n", namespace, "rollout", "status", "deployment/"+name, "--timeout=120s").Run()
}
