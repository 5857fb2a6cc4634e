package infra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// ImageSpec says how one image is made.
type ImageSpec struct {
	Service    string
	Dockerfile string
	Context    string
}

func buildImage(spec ImageSpec, tag string, writer io.Writer) (string, error) {
	image := fmt.Sprintf("localhost/%s:%s", spec.Service, tag)
	args := []string{"build", "-t", image, "-f", spec.Dockerfile}
	if os.Getenv("E2E_COVERAGE") == "true" {
		args = append(args, "--build-arg", "GOFLAGS=-cover")
	}
	args = append(args, spec.Context)
	cmd := exec.Command("docker", args...)
	cmd.Stdout = writer
	cmd.Stderr = writer
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("docker build %s: %w", image, err)
	}
	return image, nil
}

func loadImageToKind(image, clusterName string, writer io.Writer) error {
	cmd := exec.Command("kind", "load", "docker-image", image, "--name", clusterName)
	cmd.Stdout = writer
	cmd.Stderr = writer
	return cmd.Run()
}

// BuildAndLoadInventory does every step for one image before it turns to the next.
func BuildAndLoadInventory(clusterName, tag string, writer io.Writer) (map[string]string, error) {
	images := map[string]string{}

	inventory, err := buildImage(ImageSpec{Service: "inventory", Dockerfile: "docker/inventory.Dockerfile", Context: "."}, tag, writer)
	if err != nil {
		return nil, err
	}
	if err := loadImageToKind(inventory, clusterName, writer); err != nil {
		return nil, err
	}
	images["inventory"] = inventory

	// label: build-in-sequence
	shipping, err := buildImage(ImageSpec{Service: "shipping", Dockerfile: "docker/shipping.Dockerfile", Context: "."}, tag, writer)
	if err != nil {
		return nil, err
	}
	// label: load-per-image
	if err := loadImageToKind(shipping, clusterName, writer); err != nil {
		return nil, err
	}
	images["shipping"] = shipping
	return images, nil
}

// BuildAll goes through a list of images.
func BuildAll(specs []ImageSpec, tag string, writer io.Writer) (map[string]string, error) {
	images := make(map[string]string, len(specs))
	for _, spec := range specs {
		image, err := buildImage(spec, tag, writer) // label: build-in-sequence
		if err != nil {
			return nil, err
		}
		images[spec.Service] = image
	}
	return images, nil
}

// LoadAll loads what was built, image by image.
func LoadAll(images map[string]string, clusterName string, writer io.Writer) error {
	for name, image := range images {
		_, _ = fmt.Fprintf(writer, "loading %s\n", name)
		if err := loadImageToKind(image, clusterName, writer); err != nil { // label: load-per-image
			return fmt.Errorf("load %s: %w", name, err)
		}
	}
	return nil
}

// LoadAtOnce loads every image by one command.
func LoadAtOnce(images []string, clusterName string, writer io.Writer) error {
	args := []string{"load", "docker-image", "--name", clusterName}
	args = append(args, images...)
	cmd := exec.Command("kind", args...)
	cmd.Stdout = writer
	return cmd.Run()
}

// BuildParallel builds at the same time and says everything that went wrong.
func BuildParallel(specs []ImageSpec, tag string, writer io.Writer) (map[string]string, error) {
	var (
		mu     sync.Mutex
		wg     sync.WaitGroup
		errs   []error
		images = map[string]string{}
	)
	for _, spec := range specs {
		wg.Add(1)
		go func(spec ImageSpec) {
			defer wg.Done()
			image, err := buildImage(spec, tag, writer)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", spec.Service, err))
				return
			}
			images[spec.Service] = image
		}(spec)
	}
	wg.Wait()
	return images, errors.Join(errs...)
}

// BuildGroup keeps the first error only.
func BuildGroup(ctx context.Context, specs []ImageSpec, tag string, writer io.Writer) error {
	g, _ := errgroup.WithContext(ctx)
	for _, spec := range specs {
		spec := spec
		g.Go(func() error {
			_, err := buildImage(spec, tag, writer)
			return err
		})
	}
	return g.Wait() // label: first-error-return
}

// BuildOnTopOf builds a base image and what stands on it.
func BuildOnTopOf(tag string, writer io.Writer) error {
	base, err := buildImage(ImageSpec{Service: "base", Dockerfile: "docker/base.Dockerfile", Context: "."}, tag, writer)
	if err != nil {
		return err
	}
	cmd := exec.Command("docker", "build", "-t", "localhost/billing:"+tag, "--build-arg", "BASE="+base, "-f", "docker/billing.Dockerfile", ".")
	cmd.Stdout = writer
	return cmd.Run()
}

// BuildLoadDeploy is one image all the way: each step needs the one before.
func BuildLoadDeploy(ctx context.Context, clusterName, namespace, kubeconfigPath, tag string, writer io.Writer) error {
	image, err := buildImage(ImageSpec{Service: "billing", Dockerfile: "docker/billing.Dockerfile", Context: "."}, tag, writer)
	if err != nil {
		return err
	}
	if err := loadImageToKind(image, clusterName, writer); err != nil {
		return err
	}
	manifest := strings.ReplaceAll(billingManifest, "IMAGE", image)
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "-n", namespace, "apply", "-f", "-")
	cmd.Stdin = strings.NewReader(manifest)
	cmd.Stdout = writer
	if err := cmd.Run(); err != nil {
		return err
	}
	return waitForPod(ctx, namespace, "app=billing", kubeconfigPath)
}

const billingManifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: billing
spec:
  replicas: 1
  selector:
    matchLabels: {app: billing}
  template:
    metadata:
      labels: {app: billing}
    spec:
      containers:
        - name: billing
          image: IMAGE
`

// FireAndForget starts a deploy that nobody waits for.
func FireAndForget(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	// label: first-error-return
	go func() {
		if err := deployRedis(ctx, namespace, kubeconfigPath, writer); err != nil {
			_, _ = fmt.Fprintf(writer, "redis failed: %v\n", err)
		}
	}()
	return deployOrdersService(ctx, namespace, kubeconfigPath, writer)
}

// SleepyDeploy hopes that a fixed time is enough.
func SleepyDeploy(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	if err := deployOrdersService(ctx, namespace, kubeconfigPath, writer); err != nil {
		return err
	}
	time.Sleep(20 * time.Second) // label: sleep-as-readiness
	_, _ = fmt.Fprintln(writer, "orders should be up now")
	return nil
}

// PollingDeploy asks until the answer is yes; the sleep is the pause between questions.
func PollingDeploy(ctx context.Context, namespace, kubeconfigPath string, writer io.Writer) error {
	if err := deployOrdersService(ctx, namespace, kubeconfigPath, writer); err != nil {
		return err
	}
	for i := 0; i < 60; i++ {
		out, err := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfigPath, "-n", namespace, "get", "deploy", "orders",
			"-o", "jsonpath={.status.readyReplicas}").Output()
		if err == nil && strings.TrimSpace(string(out)) == "1" {
			return nil
		}
		time.Sleep(2 * time.Second)
	}
	return errors.New("orders not ready")
}
