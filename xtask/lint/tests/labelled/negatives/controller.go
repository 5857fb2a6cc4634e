package controller

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	shopv1 "example.com/shop/api/v1"
)

// Reconciler is product code: it applies objects, but no workload waits for another here.
type Reconciler struct {
	client.Client
	options Options
}

// Options are what can be set.
type Options struct {
	Interval time.Duration
	Labels   map[string]string
}

// Reconcile makes what is there what was asked for.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var shop shopv1.Shop
	if err := r.Get(ctx, req.NamespacedName, &shop); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	applyDefaults(&shop)
	if err := r.applyConfigMap(ctx, &shop); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.applyDeployment(ctx, &shop); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.applyService(ctx, &shop); err != nil {
		return ctrl.Result{}, err
	}
	if !shop.Status.Ready {
		return ctrl.Result{RequeueAfter: 5 * time.Second}, nil
	}
	return ctrl.Result{}, nil
}

func (r *Reconciler) applyConfigMap(ctx context.Context, shop *shopv1.Shop) error {
	config := &corev1.ConfigMap{}
	return r.Patch(ctx, config, client.Apply, client.FieldOwner("shop"))
}

func (r *Reconciler) applyDeployment(ctx context.Context, shop *shopv1.Shop) error {
	deployment := &appsv1.Deployment{}
	return r.Patch(ctx, deployment, client.Apply, client.FieldOwner("shop"))
}

func (r *Reconciler) applyService(ctx context.Context, shop *shopv1.Shop) error {
	service := &corev1.Service{}
	return r.Patch(ctx, service, client.Apply, client.FieldOwner("shop"))
}

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	if err := setupIndexes(mgr); err != nil {
		return err
	}
	if err := setupWebhook(mgr); err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(mgr).For(&shopv1.Shop{}).Owns(&appsv1.Deployment{}).Complete(r)
}

// Main sets up a server.
func Main() error {
	setupLogging()
	flags := setupFlags()
	handler := installHandlers(flags)
	installMiddleware(handler)
	registerMetrics()
	startTracing()
	startMetricsServer(flags)
	applyRateLimits(handler)
	upgradeConfig(flags)
	return startHTTPServer(handler)
}

// ApplyAll applies options to a value; nothing goes anywhere.
func ApplyAll(options *Options, funcs ...func(*Options)) {
	for _, apply := range funcs {
		apply(options)
	}
	applyLabelDefaults(options)
	applyIntervalDefaults(options)
}

// MigrateConfig turns an old file into a new one.
func MigrateConfig(old map[string]string) (map[string]string, error) {
	migrated := map[string]string{}
	for key, value := range old {
		migrated[key] = value
	}
	if len(migrated) == 0 {
		return nil, fmt.Errorf("nothing to migrate")
	}
	return migrated, nil
}

// Backoff sleeps between attempts.
func Backoff(ctx context.Context, attempt func() error) error {
	var err error
	for i := 0; i < 5; i++ {
		if err = attempt(); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return err
}

// FanOut returns the first error of ordinary work.
func FanOut(ctx context.Context, keys []string, fetch func(context.Context, string) error) error {
	results := make(chan error, len(keys))
	for _, key := range keys {
		go func() { results <- fetch(ctx, key) }()
	}
	for range keys {
		if err := <-results; err != nil {
			return err
		}
	}
	return nil
}

// BuildDeployment makes an object.
func BuildDeployment(name string) *appsv1.Deployment {
	deployment := &appsv1.Deployment{}
	deployment.Name = name
	return deployment
}

// BuildAll makes several objects.
func BuildAll() []client.Object {
	web := BuildDeployment("web")
	worker := BuildDeployment("worker")
	cache := BuildDeployment("cache")
	return []client.Object{web, worker, cache}
}
