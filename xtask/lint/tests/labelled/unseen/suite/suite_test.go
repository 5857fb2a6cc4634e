package suite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"example.com/orchard/test/fixtures"
)

var (
	ctx        context.Context
	cancel     context.CancelFunc
	kube       client.Client
	kubeconfig string
	namespace  = "orchard-e2e"
	image      = os.Getenv("ORCHARD_IMAGE")
)

func TestOrchard(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "orchard")
}

func shell(name string, args ...string) {
	GinkgoHelper()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	cmd.Stdout = GinkgoWriter
	cmd.Stderr = GinkgoWriter
	Expect(cmd.Run()).To(Succeed(), "%s %v", name, args)
}

func deploymentAvailable(name string) func(Gomega) {
	return func(g Gomega) {
		var deployment appsv1.Deployment
		g.Expect(kube.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, &deployment)).To(Succeed())
		g.Expect(deployment.Status.AvailableReplicas).To(BeNumerically(">=", 1))
	}
}

var _ = BeforeSuite(func() {
	ctx, cancel = context.WithCancel(context.Background())
	DeferCleanup(cancel)

	By("reading the kubeconfig")
	kubeconfig = os.Getenv("KUBECONFIG")
	Expect(kubeconfig).NotTo(BeEmpty(), "KUBECONFIG is not set")
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	Expect(err).NotTo(HaveOccurred())
	kube, err = client.New(config, client.Options{Scheme: fixtures.Scheme()})
	Expect(err).NotTo(HaveOccurred())

	By("creating the namespace")
	err = kube.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		Expect(err).NotTo(HaveOccurred())
	}

	By("creating what the operator is allowed to do")
	Expect(kube.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "orchard-operator", Namespace: namespace}})).To(Succeed())
	Expect(kube.Create(ctx, &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "orchard-operator"},
		Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{"orchard.example.com"},
			Resources: []string{"trees", "trees/status"},
			Verbs:     []string{"*"},
		}},
	})).To(Succeed())
	Expect(kube.Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "orchard-operator"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "orchard-operator"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Name: "orchard-operator", Namespace: namespace}},
	})).To(Succeed())

	By("installing the CRDs")
	shell("kubectl", "apply", "--server-side", "-k", "config/crd")
	shell("kubectl", "wait", "--for=condition=Established", "crd/trees.orchard.example.com", "--timeout=60s")

	By("installing the weather station")
	shell("kubectl", "apply", "-n", namespace, "-f", "test/stand-ins/weather.yaml")
	Eventually(deploymentAvailable("weather")).WithTimeout(2 * time.Minute).WithPolling(time.Second).Should(Succeed())

	By("installing the market")
	shell("kubectl", "apply", "-n", namespace, "-f", "test/stand-ins/market.yaml") // label: wait-between-deploys
	Eventually(deploymentAvailable("market")).WithTimeout(2 * time.Minute).WithPolling(time.Second).Should(Succeed())

	By("installing the mail catcher")
	shell("kubectl", "apply", "-n", namespace, "-f", "test/stand-ins/mail.yaml") // label: wait-between-deploys ?
	Eventually(deploymentAvailable("mail")).WithTimeout(2 * time.Minute).WithPolling(time.Second).Should(Succeed())

	By("installing the operator")
	manifest := filepath.Join(GinkgoT().TempDir(), "operator.yaml")
	Expect(os.WriteFile(manifest, []byte(fixtures.Operator(namespace, image)), 0o600)).To(Succeed())
	shell("kubectl", "apply", "-f", manifest) // label: wait-between-deploys ?
	Eventually(deploymentAvailable("orchard-operator")).WithTimeout(2 * time.Minute).WithPolling(time.Second).Should(Succeed())

	By("planting the first tree, through the operator's webhook")
	tree := fixtures.Tree("first", namespace)
	Expect(kube.Create(ctx, tree)).To(Succeed())
	Eventually(func(g Gomega) {
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(tree), tree)).To(Succeed())
		g.Expect(tree.Status.Phase).To(Equal("Growing"))
	}).WithTimeout(time.Minute).Should(Succeed())
})

var _ = AfterSuite(func() {
	By("removing the stand-ins")
	for _, name := range []string{"weather", "market", "mail"} {
		shell("kubectl", "delete", "-n", namespace, "-f", fmt.Sprintf("test/stand-ins/%s.yaml", name), "--ignore-not-found")
	}
	shell("kubectl", "delete", "namespace", namespace, "--wait=false")
})

var _ = Describe("frost", Ordered, func() {
	BeforeAll(func() {
		shell("kubectl", "apply", "-n", namespace, "-f", "test/frost/sensor.yaml")
		shell("kubectl", "apply", "-n", namespace, "-f", "test/frost/heater.yaml") // label: apply-per-file
		shell("kubectl", "apply", "-n", namespace, "-f", "test/frost/alarm.yaml")
		shell("kubectl", "apply", "-n", namespace, "-f", "test/frost/dashboard.yaml")

		shell("kubectl", "-n", namespace, "rollout", "status", "deployment/sensor", "--timeout=90s")
		shell("kubectl", "-n", namespace, "rollout", "status", "deployment/heater", "--timeout=90s") // label: wait-per-service
		shell("kubectl", "-n", namespace, "rollout", "status", "deployment/alarm", "--timeout=90s")
		shell("kubectl", "-n", namespace, "rollout", "status", "deployment/dashboard", "--timeout=90s")
	})

	It("heats when the sensor says so", func() {
		shell("kubectl", "-n", namespace, "exec", "deployment/sensor", "--", "/sensor", "report", "-4")
		Eventually(func(g Gomega) {
			var heater corev1.ConfigMap
			g.Expect(kube.Get(ctx, types.NamespacedName{Namespace: namespace, Name: "heater-state"}, &heater)).To(Succeed())
			g.Expect(heater.Data["burning"]).To(Equal("true"))
		}).WithTimeout(30 * time.Second).Should(Succeed())
	})

	It("survives an update of the operator", func() {
		previous := fixtures.Operator(namespace, "orchard/operator:v0.8.1")
		current := fixtures.Operator(namespace, image)
		file := filepath.Join(GinkgoT().TempDir(), "operator.yaml")

		By("going back to the previous version")
		Expect(os.WriteFile(file, []byte(previous), 0o600)).To(Succeed())
		shell("kubectl", "apply", "-f", file)
		Eventually(deploymentAvailable("orchard-operator")).WithTimeout(2 * time.Minute).Should(Succeed())

		By("planting with the previous version")
		Expect(kube.Create(ctx, fixtures.Tree("old", namespace))).To(Succeed())

		By("updating")
		Expect(os.WriteFile(file, []byte(current), 0o600)).To(Succeed())
		shell("kubectl", "apply", "-f", file)
		Eventually(deploymentAvailable("orchard-operator")).WithTimeout(2 * time.Minute).Should(Succeed())
		Consistently(func(g Gomega) {
			tree := fixtures.Tree("old", namespace)
			g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(tree), tree)).To(Succeed())
		}).WithTimeout(10 * time.Second).Should(Succeed())
	})

	AfterAll(func() {
		shell("kubectl", "delete", "-n", namespace, "-f", "test/frost/", "--ignore-not-found")
	})
})

var _ = Describe("harvest", func() {
	BeforeEach(func() {
		By("giving the press a moment")
		shell("kubectl", "apply", "-n", namespace, "-f", "test/harvest/")
		time.Sleep(20 * time.Second) // label: sleep-as-readiness
	})

	It("counts what the press has pressed", func() {
		var press appsv1.StatefulSet
		Expect(kube.Get(ctx, types.NamespacedName{Namespace: namespace, Name: "press"}, &press)).To(Succeed())
		Expect(press.Status.ReadyReplicas).To(BeEquivalentTo(1))
	})

	It("notices when the press stops", func() {
		Expect(kube.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(namespace), client.MatchingLabels{"app": "press"})).To(Succeed())
		deadline := time.Now().Add(time.Minute)
		for time.Now().Before(deadline) {
			var events corev1.EventList
			Expect(kube.List(ctx, &events, client.InNamespace(namespace))).To(Succeed())
			if len(events.Items) > 0 {
				return
			}
			time.Sleep(time.Second)
		}
		Fail("no event")
	})
})
