package helpers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

type stepError struct {
	step string
	err  error
}

func (e stepError) Error() string { return e.step + ": " + e.err.Error() }

func deployFrontend(ctx context.Context, kubeconfig string, w io.Writer) error {
	return kubectlApply(ctx, kubeconfig, "deploy/frontend.yaml", w)
}

func deployBackend(ctx context.Context, kubeconfig string, w io.Writer) error {
	return kubectlApply(ctx, kubeconfig, "deploy/backend.yaml", w)
}

func deployWorker(ctx context.Context, kubeconfig string, w io.Writer) error {
	return kubectlApply(ctx, kubeconfig, "deploy/worker.yaml", w)
}

func runMigrations(ctx context.Context, kubeconfig string, w io.Writer) error {
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfig, "apply", "-f", "deploy/migrate-job.yaml")
	cmd.Stdout = w
	if err := cmd.Run(); err != nil {
		return err
	}
	return exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfig, "wait", "--for=condition=complete", "job/migrate").Run()
}

func kubectlApply(ctx context.Context, kubeconfig, file string, w io.Writer) error {
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfig, "apply", "-f", file)
	cmd.Stdout = w
	cmd.Stderr = w
	return cmd.Run()
}

// WaveOne closes the channel and reads what is in it, but returns at the first.
func WaveOne(ctx context.Context, kubeconfig string, w io.Writer) error {
	var wg sync.WaitGroup
	errs := make(chan error, 3)
	wg.Add(3)
	go func() {
		defer wg.Done()
		if err := deployFrontend(ctx, kubeconfig, w); err != nil {
			errs <- stepError{"frontend", err}
		}
	}()
	go func() {
		defer wg.Done()
		if err := deployBackend(ctx, kubeconfig, w); err != nil {
			errs <- stepError{"backend", err}
		}
	}()
	go func() {
		defer wg.Done()
		if err := deployWorker(ctx, kubeconfig, w); err != nil {
			errs <- stepError{"worker", err}
		}
	}()
	wg.Wait()
	close(errs)
	// label: first-error-return
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// WaveAll does the same and keeps everything.
func WaveAll(ctx context.Context, kubeconfig string, w io.Writer) error {
	var wg sync.WaitGroup
	errs := make(chan error, 2)
	wg.Add(2)
	go func() {
		defer wg.Done()
		errs <- deployFrontend(ctx, kubeconfig, w)
	}()
	go func() {
		defer wg.Done()
		errs <- deployBackend(ctx, kubeconfig, w)
	}()
	wg.Wait()
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return errors.Join(all...)
}

// MigrateBeside starts the consumer beside the migration that it needs.
func MigrateBeside(ctx context.Context, kubeconfig string, w io.Writer) error {
	results := make(chan error, 2)
	go func() { results <- runMigrations(ctx, kubeconfig, w) }() // label: missing-edge
	go func() { results <- deployBackend(ctx, kubeconfig, w) }()
	return errors.Join(<-results, <-results)
}

// MigrateBefore does it in order, and the rest beside.
func MigrateBefore(ctx context.Context, kubeconfig string, w io.Writer) error {
	if err := runMigrations(ctx, kubeconfig, w); err != nil {
		return err
	}
	results := make(chan error, 2)
	go func() { results <- deployFrontend(ctx, kubeconfig, w) }()
	go func() { results <- deployBackend(ctx, kubeconfig, w) }()
	return errors.Join(<-results, <-results)
}

// OneAfterAnother joins each worker before it starts the next.
func OneAfterAnother(ctx context.Context, kubeconfig string, w io.Writer) error {
	deploys := map[string]func(context.Context, string, io.Writer) error{
		"frontend": deployFrontend,
		"backend":  deployBackend,
	}
	for name, deploy := range deploys {
		done := make(chan error)
		go func() { done <- deploy(ctx, kubeconfig, w) }()
		// label: wait-between-deploys
		if err := <-done; err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// TwoChannels returns with the first channel's error and never reads the second.
func TwoChannels(ctx context.Context, kubeconfig string, w io.Writer) error {
	frontend := make(chan error, 1)
	backend := make(chan error, 1)
	go func() { frontend <- deployFrontend(ctx, kubeconfig, w) }()
	go func() { backend <- deployBackend(ctx, kubeconfig, w) }()
	// label: first-error-return
	if err := <-frontend; err != nil {
		return err
	}
	if err := <-backend; err != nil {
		return err
	}
	return nil
}

// Processes runs two children at once.
func Processes(ctx context.Context, kubeconfig string) error {
	one := exec.CommandContext(ctx, "helm", "upgrade", "--install", "one", "./charts/one", "--kubeconfig", kubeconfig, "--wait")
	two := exec.CommandContext(ctx, "helm", "upgrade", "--install", "two", "./charts/two", "--kubeconfig", kubeconfig, "--wait")
	if err := one.Start(); err != nil {
		return err
	}
	if err := two.Start(); err != nil {
		return err
	}
	return errors.Join(one.Wait(), two.Wait())
}

// Forward keeps a port forwarded for as long as the context lives: nobody has to join it.
func Forward(ctx context.Context, kubeconfig string) {
	go func() {
		for ctx.Err() == nil {
			cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfig, "port-forward", "svc/backend", "8080:80")
			_ = cmd.Run()
			time.Sleep(time.Second)
		}
	}()
}

// SleepAfterForward hopes that a forwarded port is open after three seconds.
func SleepAfterForward(ctx context.Context, kubeconfig string, w io.Writer) error {
	if err := deployBackend(ctx, kubeconfig, w); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", kubeconfig, "port-forward", "svc/backend", "8080:80")
	if err := cmd.Start(); err != nil {
		return err
	}
	time.Sleep(3 * time.Second) // label: sleep-as-readiness
	return nil
}
