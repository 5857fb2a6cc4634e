package controllers

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	gadgetv1 "example.com/gadgets/api/v1"
)

var (
	testEnv   *envtest.Environment
	k8sClient client.Client
	ctx       context.Context
	cancel    context.CancelFunc
)

func TestControllers(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Controller Suite")
}

var _ = BeforeSuite(func() {
	ctx, cancel = context.WithCancel(context.TODO())
	testEnv = &envtest.Environment{
		CRDDirectoryPaths:     []string{filepath.Join("..", "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	cfg, err := testEnv.Start()
	Expect(err).NotTo(HaveOccurred())
	Expect(gadgetv1.AddToScheme(scheme.Scheme)).To(Succeed())

	k8sClient, err = client.New(cfg, client.Options{Scheme: scheme.Scheme})
	Expect(err).NotTo(HaveOccurred())

	manager, err := ctrl.NewManager(cfg, ctrl.Options{Scheme: scheme.Scheme})
	Expect(err).NotTo(HaveOccurred())
	Expect((&GadgetReconciler{Client: manager.GetClient()}).SetupWithManager(manager)).To(Succeed())
	Expect((&PartReconciler{Client: manager.GetClient()}).SetupWithManager(manager)).To(Succeed())
	Expect(setupWebhooks(manager)).To(Succeed())
	Expect(setupIndexes(ctx, manager)).To(Succeed())

	go func() {
		defer GinkgoRecover()
		Expect(manager.Start(ctx)).To(Succeed())
	}()
	Eventually(func() bool { return manager.GetCache().WaitForCacheSync(ctx) }, 10*time.Second).Should(BeTrue())
})

var _ = AfterSuite(func() {
	cancel()
	Expect(testEnv.Stop()).To(Succeed())
})

func createFixtures(ctx context.Context, namespace string) {
	for _, name := range []string{"a", "b", "c"} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
		Expect(k8sClient.Create(ctx, pod)).To(Succeed())
	}
	gadget := &gadgetv1.Gadget{ObjectMeta: metav1.ObjectMeta{Name: "g", Namespace: namespace}}
	Expect(k8sClient.Create(ctx, gadget)).To(Succeed())
	part := &gadgetv1.Part{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: namespace}}
	Expect(k8sClient.Create(ctx, part)).To(Succeed())
}

var _ = Describe("Gadget", func() {
	It("adopts its parts", func() {
		createFixtures(ctx, "default")
		Eventually(func() int {
			var gadget gadgetv1.Gadget
			_ = k8sClient.Get(ctx, client.ObjectKey{Namespace: "default", Name: "g"}, &gadget)
			return gadget.Status.Parts
		}, 10*time.Second).Should(Equal(1))
		applyDefaults(nil)
		applyLabels(nil)
		time.Sleep(100 * time.Millisecond)
	})
})
