// Package clean holds code in which nothing is to be reported.
package clean

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	v1 "example.com/vineyard/api/v1"
)

// BarrelReconciler keeps barrels as they are wanted.
type BarrelReconciler struct {
	client.Client
	Image string
}

// Reconcile creates or updates what a barrel consists of.
func (r *BarrelReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var barrel v1.Barrel
	if err := r.Get(ctx, request.NamespacedName, &barrel); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !barrel.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.cleanUp(ctx, &barrel)
	}
	if controllerutil.AddFinalizer(&barrel, v1.Finalizer) {
		if err := r.Update(ctx, &barrel); err != nil {
			return ctrl.Result{}, err
		}
	}

	if err := r.applyConfig(ctx, &barrel); err != nil {
		return ctrl.Result{}, fmt.Errorf("config: %w", err)
	}
	if err := r.applyVolume(ctx, &barrel); err != nil {
		return ctrl.Result{}, fmt.Errorf("volume: %w", err)
	}
	if err := r.applyService(ctx, &barrel); err != nil {
		return ctrl.Result{}, fmt.Errorf("service: %w", err)
	}
	ready, err := r.applyWorkload(ctx, &barrel)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("workload: %w", err)
	}
	if !ready {
		return ctrl.Result{RequeueAfter: 5 * time.Second}, nil
	}
	barrel.Status.Phase = v1.Maturing
	return ctrl.Result{}, r.Status().Update(ctx, &barrel)
}

func (r *BarrelReconciler) applyConfig(ctx context.Context, barrel *v1.Barrel) error {
	config := &corev1.ConfigMap{}
	config.Name, config.Namespace = barrel.Name, barrel.Namespace
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, config, func() error {
		config.Data = map[string]string{"wood": barrel.Spec.Wood}
		return controllerutil.SetControllerReference(barrel, config, r.Scheme())
	})
	return err
}

func (r *BarrelReconciler) applyVolume(ctx context.Context, barrel *v1.Barrel) error {
	claim := &corev1.PersistentVolumeClaim{}
	claim.Name, claim.Namespace = barrel.Name, barrel.Namespace
	err := r.Create(ctx, claim)
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

func (r *BarrelReconciler) applyService(ctx context.Context, barrel *v1.Barrel) error {
	service := &corev1.Service{}
	service.Name, service.Namespace = barrel.Name, barrel.Namespace
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, service, func() error {
		service.Spec.Selector = map[string]string{"barrel": barrel.Name}
		return nil
	})
	return err
}

func (r *BarrelReconciler) applyWorkload(ctx context.Context, barrel *v1.Barrel) (bool, error) {
	set := &appsv1.StatefulSet{}
	set.Name, set.Namespace = barrel.Name, barrel.Namespace
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, set, func() error {
		set.Spec.ServiceName = barrel.Name
		return nil
	})
	return set.Status.ReadyReplicas > 0, err
}

func (r *BarrelReconciler) cleanUp(ctx context.Context, barrel *v1.Barrel) error {
	for _, object := range []client.Object{&appsv1.StatefulSet{}, &corev1.Service{}, &corev1.ConfigMap{}} {
		object.SetName(barrel.Name)
		object.SetNamespace(barrel.Namespace)
		if err := client.IgnoreNotFound(r.Delete(ctx, object)); err != nil {
			return err
		}
	}
	controllerutil.RemoveFinalizer(barrel, v1.Finalizer)
	return r.Update(ctx, barrel)
}

// Upgrader moves one installation from version to version, never two at once.
type Upgrader struct {
	Kubeconfig string
	Namespace  string
}

func (u *Upgrader) helm(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "helm", append(args, "--kubeconfig", u.Kubeconfig, "--namespace", u.Namespace)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// Walk installs each version over the one before it, as customers do.
func (u *Upgrader) Walk(ctx context.Context, versions []string) error {
	for _, version := range versions {
		if err := u.helm(ctx, "upgrade", "--install", "vineyard", "oci://registry.example.com/vineyard", "--version", version, "--wait"); err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		if err := u.smoke(ctx, version); err != nil {
			if undo := u.helm(ctx, "rollback", "vineyard", "--wait"); undo != nil {
				return fmt.Errorf("%w, and no way back: %w", err, undo)
			}
			return err
		}
	}
	return nil
}

func (u *Upgrader) smoke(ctx context.Context, version string) error {
	output, err := exec.CommandContext(ctx, "kubectl", "--kubeconfig", u.Kubeconfig, "-n", u.Namespace,
		"get", "deployment", "vineyard", "-o", "jsonpath={.spec.template.spec.containers[0].image}").Output()
	if err != nil {
		return err
	}
	if string(output) != "registry.example.com/vineyard:"+version {
		return fmt.Errorf("wanted %s, got %s", version, output)
	}
	return nil
}

// Operators first: the second chart is made of custom resources of the first.
func (u *Upgrader) Operators(ctx context.Context) error {
	if err := u.helm(ctx, "upgrade", "--install", "postgres-operator", "oci://registry.example.com/postgres-operator", "--version", "1.12.2", "--wait"); err != nil {
		return fmt.Errorf("operator: %w", err)
	}
	return u.helm(ctx, "upgrade", "--install", "vineyard-databases", "charts/databases", "--version", "0.4.0")
}
