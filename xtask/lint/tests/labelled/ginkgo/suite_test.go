package e2e

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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/config"

	widgetv1 "example.com/widgets/api/v1"
	"example.com/widgets/test/utils"
)

const namespace = "widgets-system"

var (
	ctx       context.Context
	cancel    context.CancelFunc
	k8sClient client.Client
	image     = "example.com/widgets:e2e"
)

func TestE2E(t *testing.T) {
	RegisterFailHandler(Fail)
	_, _ = fmt.Fprintf(GinkgoWriter, "Starting widgets suite\n")
	RunSpecs(t, "e2e suite")
}

var _ = BeforeSuite(func() {
	ctx, cancel = context.WithCancel(context.Background())

	By("building the manager image")
	cmd := exec.Command("make", "docker-build", fmt.Sprintf("IMG=%s", image))
	_, err := utils.Run(cmd)
	ExpectWithOffset(1, err).NotTo(HaveOccurred(), "Failed to build the manager image")

	By("loading the manager image on Kind")
	err = utils.LoadImageToKindClusterWithName(image)
	ExpectWithOffset(1, err).NotTo(HaveOccurred(), "Failed to load the manager image into Kind")

	By("installing Prometheus Operator")
	Expect(utils.InstallPrometheusOperator()).To(Succeed(), "Failed to install Prometheus Operator")

	// label: sequential-deploy
	By("installing CertManager")
	Expect(utils.InstallCertManager()).To(Succeed(), "Failed to install CertManager")

	By("creating the namespace")
	cmd = exec.Command("kubectl", "create", "ns", namespace)
	_, err = utils.Run(cmd)
	Expect(err).NotTo(HaveOccurred())

	By("installing CRDs")
	cmd = exec.Command("make", "install")
	_, err = utils.Run(cmd)
	Expect(err).NotTo(HaveOccurred(), "Failed to install CRDs")

	By("deploying the controller-manager")
	cmd = exec.Command("make", "deploy", fmt.Sprintf("IMG=%s", image))
	_, err = utils.Run(cmd)
	Expect(err).NotTo(HaveOccurred(), "Failed to deploy the controller-manager")

	cfg, err := config.GetConfig()
	Expect(err).NotTo(HaveOccurred())
	Expect(widgetv1.AddToScheme(scheme.Scheme)).To(Succeed())
	k8sClient, err = client.New(cfg, client.Options{Scheme: scheme.Scheme})
	Expect(err).NotTo(HaveOccurred())
})

var _ = AfterSuite(func() {
	By("uninstalling the Prometheus manager bundle")
	utils.UninstallPrometheusOperator()
	By("uninstalling the cert-manager bundle")
	utils.UninstallCertManager()
	By("removing manager namespace")
	cmd := exec.Command("kubectl", "delete", "ns", namespace)
	_, _ = utils.Run(cmd)
	cancel()
})

var _ = Describe("Widgets", Ordered, func() {
	var backendNS string

	BeforeAll(func() {
		backendNS = fmt.Sprintf("backend-%d", GinkgoRandomSeed())
		Expect(k8sClient.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: backendNS}})).To(Succeed())

		By("deploying the message broker")
		deployBroker(backendNS)
		By("waiting for the message broker")
		// label: wait-between-deploys
		waitForBroker(backendNS)

		By("deploying the object store")
		deployObjectStore(backendNS)
		By("waiting for the object store")
		waitForObjectStore(backendNS)
	})

	AfterAll(func() {
		Expect(k8sClient.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: backendNS}})).To(Succeed())
	})

	It("scales a widget up and down", func() {
		widget := &widgetv1.Widget{ObjectMeta: metav1.ObjectMeta{Name: "sample", Namespace: backendNS}}
		Expect(k8sClient.Create(ctx, widget)).To(Succeed())

		Eventually(func(g Gomega) {
			g.Expect(k8sClient.Get(ctx, client.ObjectKeyFromObject(widget), widget)).To(Succeed())
			g.Expect(widget.Status.Ready).To(BeTrue())
		}, 2*time.Minute, time.Second).Should(Succeed())

		other := &widgetv1.Widget{ObjectMeta: metav1.ObjectMeta{Name: "other", Namespace: backendNS}}
		Expect(k8sClient.Create(ctx, other)).To(Succeed())
		Eventually(func() bool {
			return k8sClient.Get(ctx, client.ObjectKeyFromObject(other), other) == nil && other.Status.Ready
		}, time.Minute, time.Second).Should(BeTrue())
	})

	It("survives a restart of its broker", func() {
		applyManifest("testdata/first.yaml")
		Eventually(brokerReady(backendNS), time.Minute).Should(BeTrue())
		applyManifest("testdata/second.yaml")
		Eventually(brokerReady(backendNS), time.Minute).Should(BeTrue())
	})
})

func applyManifest(path string) {
	cmd := exec.Command("kubectl", "--kubeconfig", os.Getenv("E2E_KUBECONFIG"), "apply", "-f", path)
	_, err := utils.Run(cmd)
	Expect(err).NotTo(HaveOccurred())
}

func deployBroker(ns string) {
	GinkgoHelper()
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "broker", Namespace: ns}}
	Expect(k8sClient.Create(ctx, deployment)).To(Succeed())
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "broker", Namespace: ns}}
	Expect(k8sClient.Create(ctx, service)).To(Succeed())
}

func waitForBroker(ns string) {
	Eventually(brokerReady(ns), 3*time.Minute, time.Second).Should(BeTrue())
}

func brokerReady(ns string) func() bool {
	return func() bool {
		deployment := &appsv1.Deployment{}
		err := k8sClient.Get(ctx, client.ObjectKey{Namespace: ns, Name: "broker"}, deployment)
		return err == nil && deployment.Status.ReadyReplicas > 0
	}
}

func deployObjectStore(ns string) {
	GinkgoHelper()
	cmd := exec.Command("helm", "upgrade", "--install", "object-store", filepath.Join("charts", "object-store"), "-n", ns)
	_, err := utils.Run(cmd)
	Expect(err).NotTo(HaveOccurred())
}

func waitForObjectStore(ns string) {
	cmd := exec.Command("kubectl", "--kubeconfig", os.Getenv("E2E_KUBECONFIG"), "rollout", "status", "deploy/object-store", "-n", ns)
	_, err := utils.Run(cmd)
	Expect(err).NotTo(HaveOccurred())
}
