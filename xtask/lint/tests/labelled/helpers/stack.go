package helpers

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

// Stack is what a test talks to.
type Stack struct {
	t          *testing.T
	Namespace  string
	Kubeconfig string
	clientset  *kubernetes.Clientset
	mqURL      string
}

// kubectl runs kubectl against the stack's cluster.
func (s *Stack) kubectl(args ...string) string {
	s.t.Helper()
	all := append([]string{"--kubeconfig", s.Kubeconfig, "-n", s.Namespace}, args...)
	cmd := exec.Command("kubectl", all...)
	var out bytes.Buffer
	cmd.Stdout = &out
	cmd.Stderr = &out
	require.NoError(s.t, cmd.Run(), out.String())
	return out.String()
}

// NewStack starts everything.
func NewStack(t *testing.T, clientset *kubernetes.Clientset, kubeconfig string) *Stack {
	t.Helper()
	s := &Stack{t: t, Namespace: fmt.Sprintf("stack-%d", time.Now().UnixNano()), Kubeconfig: kubeconfig, clientset: clientset}
	ctx := context.Background()
	_, err := clientset.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace}}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = clientset.CoreV1().Namespaces().Delete(ctx, s.Namespace, metav1.DeleteOptions{})
	})

	s.installRabbit(ctx)
	// label: sequential-deploy
	s.installElastic(ctx)
	s.installIndexer(ctx)
	s.waitReady(ctx, "rabbit", "elastic", "indexer")
	return s
}

func (s *Stack) installRabbit(ctx context.Context) {
	s.t.Helper()
	s.kubectl("apply", "-f", "testdata/rabbit.yaml")
}

func (s *Stack) installElastic(ctx context.Context) {
	s.t.Helper()
	s.kubectl("apply", "-f", "testdata/elastic.yaml")
}

func (s *Stack) installIndexer(ctx context.Context) {
	s.t.Helper()
	s.kubectl("apply", "-f", "testdata/indexer.yaml")
}

func (s *Stack) waitReady(ctx context.Context, names ...string) {
	s.t.Helper()
	for _, name := range names {
		err := wait.PollUntilContextTimeout(ctx, time.Second, 2*time.Minute, true, func(ctx context.Context) (bool, error) { // label: wait-per-service ?
			deployment, err := s.clientset.AppsV1().Deployments(s.Namespace).Get(ctx, name, metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return false, nil
			}
			return err == nil && deployment.Status.ReadyReplicas > 0, err
		})
		require.NoError(s.t, err, name)
	}
}

// NewStackWithURL needs the address of the first for the second.
func NewStackWithURL(t *testing.T, clientset *kubernetes.Clientset, kubeconfig string) *Stack {
	t.Helper()
	s := &Stack{t: t, Namespace: "with-url", Kubeconfig: kubeconfig, clientset: clientset}
	s.mqURL = installBroker(t, clientset, s.Namespace)
	installConsumer(t, clientset, s.Namespace, s.mqURL)
	return s
}

func installBroker(t *testing.T, clientset *kubernetes.Clientset, namespace string) string {
	t.Helper()
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "nats", Namespace: namespace}}
	_, err := clientset.AppsV1().Deployments(namespace).Create(context.Background(), deployment, metav1.CreateOptions{})
	require.NoError(t, err)
	return "nats://nats." + namespace + ":4222"
}

func installConsumer(t *testing.T, clientset *kubernetes.Clientset, namespace, url string) {
	t.Helper()
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "consumer", Namespace: namespace, Annotations: map[string]string{"url": url}}}
	_, err := clientset.AppsV1().Deployments(namespace).Create(context.Background(), deployment, metav1.CreateOptions{})
	require.NoError(t, err)
}

// runCmd is a wrapper as many repositories have it.
func runCmd(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdout = os.Stdout
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// SetupTracing drives helm through the wrapper.
func SetupTracing(kubeconfig string) error {
	if err := runCmd("helm", "repo", "add", "jaegertracing", "https://jaegertracing.github.io/helm-charts"); err != nil {
		return err
	}
	if err := runCmd("helm", "repo", "update"); err != nil {
		return err
	}
	if err := runCmd("kubectl", "--kubeconfig", kubeconfig, "create", "namespace", "tracing"); err != nil {
		return err
	}
	if err := runCmd("helm", "install", "jaeger", "jaegertracing/jaeger", "--kubeconfig", kubeconfig, "-n", "tracing", "--wait"); err != nil {
		return err
	}
	// label: sequential-deploy
	if err := runCmd("helm", "install", "loki", "grafana/loki-stack", "--kubeconfig", kubeconfig, "-n", "tracing", "--wait"); err != nil {
		return err
	}
	return nil
}

// SetupOperator: a custom resource after the operator that answers for it.
func SetupOperator(kubeconfig string) error {
	if err := runCmd("kubectl", "--kubeconfig", kubeconfig, "apply", "-f", "https://example.com/kafka-operator/install.yaml"); err != nil {
		return err
	}
	if err := runCmd("kubectl", "--kubeconfig", kubeconfig, "wait", "--for=condition=Available", "deploy/kafka-operator", "--timeout=180s"); err != nil {
		return err
	}
	return runCmd("kubectl", "--kubeconfig", kubeconfig, "apply", "-f", "testdata/kafka-cluster.yaml")
}

// SetupCertificates: cert-manager's webhook must serve before issuers and what uses them.
func SetupCertificates(kubeconfig string) error {
	if err := runCmd("kubectl", "--kubeconfig", kubeconfig, "apply", "-f", "https://example.com/cert-manager/v1.16.0/cert-manager.yaml"); err != nil {
		return err
	}
	if err := runCmd("kubectl", "--kubeconfig", kubeconfig, "wait", "-n", "cert-manager", "--for=condition=Available", "deploy", "--all"); err != nil {
		return err
	}
	if err := runCmd("kubectl", "--kubeconfig", kubeconfig, "apply", "-f", "testdata/issuer.yaml"); err != nil {
		return err
	}
	return runCmd("helm", "install", "portal", "./charts/portal", "--kubeconfig", kubeconfig)
}

// SetupWebFrontends shows the same through a shell string.
func SetupWebFrontends(kubeconfig string) error {
	os.Setenv("KUBECONFIG", kubeconfig)
	if err := runCmd("bash", "-c", "helm upgrade --install shop ./charts/shop --wait"); err != nil {
		return fmt.Errorf("shop: %w", err)
	}
	// label: sequential-deploy
	if err := runCmd("bash", "-c", "helm upgrade --install blog ./charts/blog --wait"); err != nil {
		return fmt.Errorf("blog: %w", err)
	}
	return nil
}

// Describe only talks.
func Describe(kubeconfig string) string {
	out, _ := exec.Command("kubectl", "--kubeconfig", kubeconfig, "get", "pods", "-A").CombinedOutput()
	return strings.TrimSpace(string(out))
}

// TestMain is set-up too.
func TestMain(m *testing.M) {
	kubeconfig := os.Getenv("E2E_KUBECONFIG")
	if err := SetupTracing(kubeconfig); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	code := m.Run()
	os.Exit(code)
}

// TestRollingUpdate is a scenario: its order is its meaning.
func TestRollingUpdate(t *testing.T) {
	s := NewStack(t, nil, os.Getenv("E2E_KUBECONFIG"))
	s.kubectl("apply", "-f", "testdata/v1.yaml")
	s.waitReady(context.Background(), "web")
	s.kubectl("apply", "-f", "testdata/v2.yaml")
	s.waitReady(context.Background(), "web")
	t.Run("old pods are gone", func(t *testing.T) {
		require.NotContains(t, s.kubectl("get", "pods"), "v1")
	})
}
