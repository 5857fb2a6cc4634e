package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/wait"

	"example.com/widgets/test/framework"
)

type suiteData struct {
	Kubeconfig string
	Cluster    string
}

var shared suiteData

var _ = SynchronizedBeforeSuite(func() []byte {
	clusterName := fmt.Sprintf("widgets-%d", os.Getpid())
	kubeconfig, err := framework.CreateKindCluster(clusterName, GinkgoWriter)
	Expect(err).ToNot(HaveOccurred())

	By("installing the things that the suites share")
	Expect(framework.DeployIngressController(kubeconfig)).To(Succeed())
	Expect(framework.WaitForIngress(kubeconfig, 2*time.Minute)).To(Succeed())

	Expect(framework.DeployCatalogService(context.TODO(), kubeconfig)).To(Succeed())
	// label: sequential-deploy
	Expect(framework.DeployPricingService(context.TODO(), kubeconfig)).To(Succeed())
	Expect(framework.DeployStockService(context.TODO(), kubeconfig)).To(Succeed())

	Expect(framework.WaitForAll(kubeconfig, 5*time.Minute)).To(Succeed())

	data, err := json.Marshal(suiteData{Kubeconfig: kubeconfig, Cluster: clusterName})
	Expect(err).ToNot(HaveOccurred())
	return data
}, func(data []byte) {
	Expect(json.Unmarshal(data, &shared)).To(Succeed())
})

var _ = SynchronizedAfterSuite(func() {}, func() {
	Expect(framework.DeleteCluster(shared.Cluster)).To(Succeed())
})

var _ = Describe("Catalog", func() {
	BeforeEach(func(ctx SpecContext) {
		By("two backends at the same time")
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Add(2)
		go func() {
			defer wg.Done()
			defer GinkgoRecover()
			errs[0] = framework.DeploySearchBackend(ctx, shared.Kubeconfig)
		}()
		go func() {
			defer wg.Done()
			defer GinkgoRecover()
			errs[1] = framework.DeployImageBackend(ctx, shared.Kubeconfig)
		}()
		wg.Wait()
		Expect(errs).To(HaveEach(BeNil()))
	})

	Context("with a slow store", func() {
		BeforeEach(func(ctx SpecContext) {
			Expect(framework.DeployDocumentStore(ctx, shared.Kubeconfig)).To(Succeed())
			time.Sleep(30 * time.Second) // label: sleep-as-readiness
		})

		It("answers", func(ctx SpecContext) {
			err := wait.PollUntilContextTimeout(ctx, time.Second, time.Minute, true, func(ctx context.Context) (bool, error) {
				return framework.Answers(ctx, shared.Kubeconfig)
			})
			Expect(err).NotTo(HaveOccurred())
		})
	})

	Context("with errors that get lost", func() {
		BeforeEach(func(ctx SpecContext) {
			results := make(chan error, 2)
			go func() {
				defer GinkgoRecover()
				results <- framework.DeploySearchBackend(ctx, shared.Kubeconfig)
			}()
			go func() {
				defer GinkgoRecover()
				results <- framework.DeployImageBackend(ctx, shared.Kubeconfig)
			}()
			for range 2 {
				Expect(<-results).To(Succeed()) // label: first-error-return
			}
		})
	})
})
