// Package races starts things side by side, well and badly.
package races

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/observatory/e2e/kube"
)

// Sky is what a test looks at.
type Sky struct {
	kube    *kube.Cluster
	log     *slog.Logger
	tag     string
	retries int
}

type outcome struct {
	what string
	took time.Duration
	err  error
}

func (s *Sky) installDome(ctx context.Context) error { return s.kube.Install(ctx, "dome", s.tag) }
func (s *Sky) installTelescope(ctx context.Context) error {
	return s.kube.Install(ctx, "telescope", s.tag)
}
func (s *Sky) installCamera(ctx context.Context) error  { return s.kube.Install(ctx, "camera", s.tag) }
func (s *Sky) installCatalog(ctx context.Context) error { return s.kube.Install(ctx, "catalog", s.tag) }
func (s *Sky) migrateCatalog(ctx context.Context) error {
	return s.kube.RunJob(ctx, "catalog-schema", "observatory/catalog:"+s.tag, "migrate")
}

// SetUpNight is the long way: builds, cluster, loads, deploys, each phase with workers of its own.
func (s *Sky) SetUpNight(ctx context.Context) error {
	began := time.Now()
	images := []string{"dome", "telescope", "camera", "catalog"}

	// Phase one: images.
	built := make(chan outcome, len(images))
	for _, image := range images {
		go func() {
			start := time.Now()
			err := s.kube.BuildImage(ctx, image, s.tag)
			built <- outcome{what: image, took: time.Since(start), err: err}
		}()
	}
	for range images {
		one := <-built // label: first-error-return ?
		if one.err != nil {
			return fmt.Errorf("build of %s: %w", one.what, one.err) // label: first-error-return
		}
		s.log.Info("built", "image", one.what, "took", one.took)
	}

	// Phase two: a cluster, with a network before anything else.
	if err := s.kube.Create(ctx); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	if err := s.kube.ApplyFile(ctx, "e2e/network/cilium.yaml"); err != nil {
		return fmt.Errorf("network: %w", err)
	}
	if err := s.kube.WaitNodes(ctx, 2*time.Minute); err != nil {
		return fmt.Errorf("nodes: %w", err)
	}

	// Phase three: images into the cluster, by one command.
	if err := s.kube.LoadImages(ctx, s.tag, images...); err != nil {
		return fmt.Errorf("load: %w", err)
	}

	// Phase four: what keeps data.
	stores := make(chan outcome, 2)
	go func() {
		stores <- outcome{what: "postgres", err: s.kube.ApplyFile(ctx, "e2e/stores/postgres.yaml")}
	}()
	postgres := <-stores
	go func() { // label: wait-between-deploys
		stores <- outcome{what: "redis", err: s.kube.ApplyFile(ctx, "e2e/stores/redis.yaml")}
	}()
	redis := <-stores
	if err := errors.Join(postgres.err, redis.err); err != nil {
		return fmt.Errorf("stores: %w", err)
	}
	if err := s.kube.WaitReady(ctx, "statefulset/postgres", time.Minute); err != nil {
		return err
	}

	// Phase five: the services, and the schema of one of them beside it.
	results := make(chan outcome, 5)
	launch := func(what string, work func(context.Context) error) {
		go func() {
			start := time.Now()
			results <- outcome{what: what, took: time.Since(start), err: work(ctx)}
		}()
	}
	launch("catalog schema", s.migrateCatalog) // label: missing-edge ?
	launch("catalog", s.installCatalog)        // label: missing-edge
	launch("dome", s.installDome)
	launch("telescope", s.installTelescope)
	launch("camera", s.installCamera)

	var failures []error
	for i := 0; i < cap(results); i++ {
		one := <-results
		if one.err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", one.what, one.err))
			continue
		}
		s.log.Info("started", "what", one.what, "took", one.took)
	}
	if err := errors.Join(failures...); err != nil {
		return err
	}
	s.log.Info("night has fallen", "took", time.Since(began))
	return s.kube.WaitAll(ctx, 3*time.Minute)
}

// SetUpDusk does it with groups, and waits for each group before the next begins.
func (s *Sky) SetUpDusk(ctx context.Context) error {
	var dome, telescope, camera errgroup.Group

	dome.Go(func() error { return s.installDome(ctx) })
	if err := dome.Wait(); err != nil {
		return fmt.Errorf("dome: %w", err)
	}

	telescope.Go(func() error { return s.installTelescope(ctx) }) // label: wait-between-deploys
	if err := telescope.Wait(); err != nil {
		return fmt.Errorf("telescope: %w", err)
	}

	camera.Go(func() error { return s.installCamera(ctx) }) // label: wait-between-deploys ?
	return camera.Wait()
}

// SetUpDawn does it with one group.
func (s *Sky) SetUpDawn(ctx context.Context) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for _, install := range []func(context.Context) error{s.installDome, s.installTelescope, s.installCamera} {
		group.Go(func() error { return install(groupCtx) })
	}
	// The schema comes first, in the same worker as its consumer.
	group.Go(func() error {
		if err := s.migrateCatalog(groupCtx); err != nil {
			return err
		}
		return s.installCatalog(groupCtx)
	})
	return group.Wait()
}

// SetUpNoon has two lanes; one of them does two things that do not need each other.
func (s *Sky) SetUpNoon(ctx context.Context) error {
	var lanes sync.WaitGroup
	var mutex sync.Mutex
	var failures []error
	fail := func(err error) {
		mutex.Lock()
		defer mutex.Unlock()
		failures = append(failures, err)
	}

	lanes.Add(2)
	go func() {
		defer lanes.Done()
		if err := s.installDome(ctx); err != nil {
			fail(err)
			return
		}
		if err := s.installCamera(ctx); err != nil { // label: sequential-deploy
			fail(err)
		}
	}()
	go func() {
		defer lanes.Done()
		if err := s.migrateCatalog(ctx); err != nil {
			fail(err)
			return
		}
		if err := s.installCatalog(ctx); err != nil {
			fail(err)
		}
	}()
	lanes.Wait()
	return errors.Join(failures...)
}

// SetUpHaste starts the camera and forgets it.
func (s *Sky) SetUpHaste(ctx context.Context) error {
	go func() { // label: first-error-return
		if err := s.installCamera(ctx); err != nil {
			s.log.Error("camera", "error", err)
		}
	}()
	return s.installTelescope(ctx)
}

// Guide is a worker that lives as long as the test: nobody has to wait for it.
func (s *Sky) Guide(ctx context.Context, every time.Duration) {
	go func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				s.log.Debug("guiding", "drift", s.kube.Metric(ctx, "telescope_drift"))
			}
		}
	}()
}

// Retry does one thing until it works.
func (s *Sky) Retry(ctx context.Context, work func(context.Context) error) error {
	var last error
	for attempt := range s.retries {
		if last = work(ctx); last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), last)
		case <-time.After(time.Duration(attempt+1) * time.Second):
		}
	}
	return last
}

// Ask sends one question to every site; the first answer is enough.
func (s *Sky) Ask(ctx context.Context, sites []string) (string, error) {
	answers := make(chan string, len(sites))
	refusals := make(chan error, len(sites))
	for _, site := range sites {
		go func() {
			answer, err := s.kube.Get(ctx, "http://"+site+"/position")
			if err != nil {
				refusals <- err
				return
			}
			answers <- answer
		}()
	}
	select {
	case answer := <-answers:
		return answer, nil
	case err := <-refusals:
		return "", err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
