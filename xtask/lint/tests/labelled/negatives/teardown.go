package infra

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// DeleteOrdersCluster takes everything down; order and pauses here are not about readiness.
func DeleteOrdersCluster(clusterName, kubeconfigPath string, failed bool, writer io.Writer) error {
	if failed {
		logs, err := os.MkdirTemp("", "orders-logs-")
		if err != nil {
			return err
		}
		if err := exec.Command("kind", "export", "logs", logs, "--name", clusterName).Run(); err != nil {
			_, _ = fmt.Fprintf(writer, "no logs: %v\n", err)
		}
	}
	if err := exec.Command("helm", "uninstall", "orders", "--kubeconfig", kubeconfigPath).Run(); err != nil {
		_, _ = fmt.Fprintf(writer, "orders: %v\n", err)
	}
	if err := exec.Command("helm", "uninstall", "payments", "--kubeconfig", kubeconfigPath).Run(); err != nil {
		_, _ = fmt.Fprintf(writer, "payments: %v\n", err)
	}
	time.Sleep(2 * time.Second)
	return exec.Command("kind", "delete", "cluster", "--name", clusterName).Run()
}

// CollectDiagnostics asks many things of the cluster, one after another.
func CollectDiagnostics(ctx context.Context, namespace, kubeconfigPath, dir string) {
	for _, what := range []string{"pods", "events", "deployments"} {
		out, err := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "-n", namespace, "get", what, "-o", "yaml").CombinedOutput()
		if err != nil {
			continue
		}
		_ = os.WriteFile(filepath.Join(dir, what+".yaml"), out, 0o600)
	}
}

// PrepareNamespace makes light things, in the order in which they need each other.
func PrepareNamespace(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	if err := createTestNamespace(ctx, namespace, kubeconfigPath); err != nil {
		return err
	}
	if err := createPullSecret(ctx, namespace, kubeconfigPath); err != nil {
		return err
	}
	if err := createServiceAccount(ctx, namespace, kubeconfigPath); err != nil {
		return err
	}
	if err := deployClientClusterRole(ctx, kubeconfigPath, writer); err != nil {
		return err
	}
	if err := deployServiceRBAC(ctx, namespace, kubeconfigPath, writer); err != nil {
		return err
	}
	if err := deployRoutingPolicies(ctx, namespace, kubeconfigPath, writer); err != nil {
		return err
	}
	return createDatabaseConfigMap(ctx, namespace, kubeconfigPath)
}

// UpgradeOrders installs one version and then the next: the order is the point.
func UpgradeOrders(ctx context.Context, kubeconfigPath, from, to string) error {
	if err := exec.CommandContext(ctx, "helm", "install", "orders", "./charts/orders", "--version", from, "--kubeconfig", kubeconfigPath, "--wait").Run(); err != nil {
		return err
	}
	return exec.CommandContext(ctx, "helm", "upgrade", "orders", "./charts/orders", "--version", to, "--kubeconfig", kubeconfigPath, "--wait").Run()
}

// InstallMesh installs what is made of parts that need each other.
func InstallMesh(ctx context.Context, kubeconfigPath string) error {
	if err := exec.CommandContext(ctx, "helm", "install", "istio-base", "istio/base", "-n", "istio-system", "--kubeconfig", kubeconfigPath, "--wait").Run(); err != nil {
		return err
	}
	if err := exec.CommandContext(ctx, "helm", "install", "istiod", "istio/istiod", "-n", "istio-system", "--kubeconfig", kubeconfigPath, "--wait").Run(); err != nil {
		return err
	}
	return exec.CommandContext(ctx, "helm", "install", "istio-ingress", "istio/gateway", "-n", "istio-ingress", "--kubeconfig", kubeconfigPath, "--wait").Run()
}

// InstallNetwork: nothing starts before the network does.
func InstallNetwork(ctx context.Context, kubeconfigPath string) error {
	if err := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "apply", "-f", "https://example.com/calico/v3.28/calico.yaml").Run(); err != nil {
		return err
	}
	if err := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "wait", "--for=condition=Ready", "nodes", "--all").Run(); err != nil {
		return err
	}
	return exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "apply", "-f", "deploy/web.yaml").Run()
}
