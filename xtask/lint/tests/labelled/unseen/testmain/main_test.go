package testmain

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/e2e-framework/klient/conf"
	"sigs.k8s.io/e2e-framework/pkg/env"
	"sigs.k8s.io/e2e-framework/pkg/envconf"
	"sigs.k8s.io/e2e-framework/pkg/envfuncs"
	"sigs.k8s.io/e2e-framework/support/kind"
	"sigs.k8s.io/e2e-framework/third_party/helm"
)

var (
	testenv env.Environment
	keep    = flag.Bool("keep", false, "keep the cluster")
)

type step struct {
	name string
	run  func(ctx context.Context, kubeconfig string) error
}

func command(ctx context.Context, line string) error {
	fields := strings.Fields(line)
	cmd := exec.CommandContext(ctx, fields[0], fields[1:]...)
	cmd.Stdout = os.Stderr
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

func releaseOf(name string) func(context.Context, string) error {
	return func(ctx context.Context, kubeconfig string) error {
		return command(ctx, fmt.Sprintf("helm upgrade --install %s charts/%s --kubeconfig %s --wait", name, name, kubeconfig))
	}
}

func TestMain(m *testing.M) {
	flag.Parse()
	testenv = env.NewWithConfig(envconf.New())
	clusterName := envconf.RandomName("aquarium", 16)
	namespace := "aquarium"

	testenv.Setup(
		envfuncs.CreateCluster(kind.NewProvider(), clusterName),
		envfuncs.CreateNamespace(namespace),
		envfuncs.LoadDockerImageToCluster(clusterName, "aquarium/tank:e2e"),
		envfuncs.LoadDockerImageToCluster(clusterName, "aquarium/pump:e2e"), // label: load-per-image ?
		func(ctx context.Context, config *envconf.Config) (context.Context, error) {
			manager := helm.New(config.KubeconfigFile())
			if err := manager.RunRepo(helm.WithArgs("add", "aquarium", "https://charts.example.com/aquarium")); err != nil {
				return ctx, fmt.Errorf("repository: %w", err)
			}
			if err := manager.RunUpgrade(helm.WithName("tank"), helm.WithNamespace(namespace), helm.WithReleaseName("aquarium/tank"), helm.WithArgs("--install", "--version", "1.4.0", "--wait")); err != nil {
				return ctx, fmt.Errorf("tank: %w", err)
			}
			// label: sequential-deploy
			if err := manager.RunUpgrade(helm.WithName("pump"), helm.WithNamespace(namespace), helm.WithReleaseName("aquarium/pump"), helm.WithArgs("--install", "--version", "2.0.1", "--wait")); err != nil {
				return ctx, fmt.Errorf("pump: %w", err)
			}
			return ctx, nil
		},
		func(ctx context.Context, config *envconf.Config) (context.Context, error) {
			steps := []step{
				{"thermometer", releaseOf("thermometer")},
				{"feeder", releaseOf("feeder")},
				{"lamp", releaseOf("lamp")},
			}
			for number, step := range steps {
				log.Printf("step %d: %s", number+1, step.name)
				if err := step.run(ctx, config.KubeconfigFile()); err != nil { // label: sequential-deploy ?
					return ctx, fmt.Errorf("%s: %w", step.name, err)
				}
			}
			return ctx, nil
		},
	)

	testenv.Finish(func(ctx context.Context, config *envconf.Config) (context.Context, error) {
		if *keep {
			return ctx, nil
		}
		for _, release := range []string{"lamp", "feeder", "thermometer", "pump", "tank"} {
			if err := command(ctx, fmt.Sprintf("helm uninstall %s --kubeconfig %s", release, config.KubeconfigFile())); err != nil {
				log.Printf("uninstall %s: %v", release, err)
			}
		}
		return envfuncs.DestroyCluster(clusterName)(ctx, config)
	})
	os.Exit(testenv.Run(m))
}

func mustApply(t *testing.T, file string) {
	t.Helper()
	require.NoError(t, command(t.Context(), "kubectl --kubeconfig "+conf.ResolveKubeConfigFile()+" apply -f "+file))
}

func mustRollout(t *testing.T, workload string) {
	t.Helper()
	require.NoError(t, command(t.Context(), "kubectl --kubeconfig "+conf.ResolveKubeConfigFile()+" rollout status "+workload+" --timeout=90s"))
}

func TestReef(t *testing.T) {
	mustApply(t, "testdata/reef/coral.yaml")
	mustRollout(t, "deployment/coral")
	mustApply(t, "testdata/reef/anemone.yaml") // label: wait-between-deploys
	mustRollout(t, "deployment/anemone")
	mustApply(t, "testdata/reef/clownfish.yaml")
	mustRollout(t, "deployment/clownfish")

	require.Eventually(t, func() bool {
		return command(t.Context(), "curl --fail --silent http://127.0.0.1:31080/clownfish") == nil
	}, time.Minute, time.Second)
}

func TestTide(t *testing.T) {
	for _, tide := range []string{"ebb", "flow"} {
		t.Run(tide, func(t *testing.T) {
			mustApply(t, "testdata/tide/"+tide+".yaml")
			mustRollout(t, "deployment/"+tide)
			t.Cleanup(func() {
				_ = command(context.Background(), "kubectl --kubeconfig "+conf.ResolveKubeConfigFile()+" delete -f testdata/tide/"+tide+".yaml")
			})
			require.Eventually(t, func() bool {
				return command(t.Context(), "curl --fail --silent http://127.0.0.1:31080/tide/"+tide) == nil
			}, time.Minute, time.Second)
		})
	}
}

func TestStormReplacesThePump(t *testing.T) {
	mustApply(t, "testdata/storm/pump-v1.yaml")
	mustRollout(t, "deployment/pump")
	mustApply(t, "testdata/storm/pump-v2.yaml")
	mustRollout(t, "deployment/pump")
}
