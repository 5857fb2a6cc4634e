// Package apiclient brings up the billing platform by the Kubernetes API alone.
package apiclient

import (
	"context"
	"fmt"
	"os"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"
)

// Platform holds what the steps share.
type Platform struct {
	Client    kubernetes.Interface
	Namespace string
	Version   string
}

// BringUp starts the platform for one test run and says how long each step took.
func BringUp(ctx context.Context, p *Platform) (err error) {
	steps := make(map[string]time.Duration)
	mark := time.Now()
	done := func(name string) {
		steps[name] = time.Since(mark)
		mark = time.Now()
	}
	defer func() {
		if err != nil {
			dumpEvents(ctx, p)
		}
		klog.InfoS("platform", "steps", steps)
	}()

	if err = ensureNamespace(ctx, p); err != nil {
		return fmt.Errorf("namespace: %w", err)
	}
	done("namespace")

	if err = deployLedgerDatabase(ctx, p); err != nil {
		return fmt.Errorf("ledger database: %w", err)
	}
	if err = waitForStatefulSet(ctx, p, "ledger-db", 3*time.Minute); err != nil {
		return fmt.Errorf("ledger database is not ready: %w", err)
	}
	done("ledger database")

	if err = runLedgerMigration(ctx, p); err != nil {
		return fmt.Errorf("ledger migration: %w", err)
	}
	done("ledger migration")

	if err = deployExchangeRates(ctx, p); err != nil { // label: wait-between-deploys
		return fmt.Errorf("exchange rates: %w", err)
	}
	if err = waitForDeployment(ctx, p, "exchange-rates", 2*time.Minute); err != nil {
		return fmt.Errorf("exchange rates are not ready: %w", err)
	}
	done("exchange rates")

	token, err := createGatewayToken(ctx, p)
	if err != nil {
		return fmt.Errorf("gateway token: %w", err)
	}
	if err = deployPaymentGateway(ctx, p, token); err != nil { // label: wait-between-deploys ?
		return fmt.Errorf("payment gateway: %w", err)
	}
	if err = waitForDeployment(ctx, p, "payment-gateway", 2*time.Minute); err != nil {
		return fmt.Errorf("payment gateway is not ready: %w", err)
	}
	done("payment gateway")

	address, err := nodePortOf(ctx, p, "payment-gateway")
	if err != nil {
		return fmt.Errorf("address of the payment gateway: %w", err)
	}
	// The ledger gets the gateway's address on its command line.
	if err = deployLedger(ctx, p, address); err != nil { // label: wait-between-deploys ?
		return fmt.Errorf("ledger: %w", err)
	}
	if err = waitForDeployment(ctx, p, "ledger", 2*time.Minute); err != nil {
		return fmt.Errorf("ledger is not ready: %w", err)
	}
	done("ledger")
	return nil
}

func ensureNamespace(ctx context.Context, p *Platform) error {
	_, err := p.Client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: p.Namespace, Labels: map[string]string{"purpose": "e2e"}},
	}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// deployLedgerDatabase creates four objects of one thing: their order is of no matter, and costs nothing.
func deployLedgerDatabase(ctx context.Context, p *Platform) error {
	labels := map[string]string{"app": "ledger-db"}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "ledger-db", Labels: labels},
		StringData: map[string]string{"POSTGRES_USER": "ledger", "POSTGRES_PASSWORD": "test-only", "POSTGRES_DB": "ledger"},
	}
	if _, err := p.Client.CoreV1().Secrets(p.Namespace).Create(ctx, secret, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("secret: %w", err)
	}
	settings := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "ledger-db", Labels: labels},
		Data:       map[string]string{"fsync": "off"},
	}
	if _, err := p.Client.CoreV1().ConfigMaps(p.Namespace).Create(ctx, settings, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("settings: %w", err)
	}
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "ledger-db", Labels: labels},
		Spec: corev1.ServiceSpec{
			Selector: labels,
			Ports:    []corev1.ServicePort{{Name: "postgres", Port: 5432, TargetPort: intstr.FromInt32(5432)}},
		},
	}
	if _, err := p.Client.CoreV1().Services(p.Namespace).Create(ctx, service, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("service: %w", err)
	}
	one := int32(1)
	set := &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "ledger-db", Labels: labels},
		Spec: appsv1.StatefulSetSpec{
			Replicas:    &one,
			ServiceName: "ledger-db",
			Selector:    &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name:    "postgres",
					Image:   "docker.io/library/postgres:16.4-alpine",
					EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "ledger-db"}}}},
				}}},
			},
		},
	}
	if _, err := p.Client.AppsV1().StatefulSets(p.Namespace).Create(ctx, set, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("stateful set: %w", err)
	}
	return nil
}

func runLedgerMigration(ctx context.Context, p *Platform) error {
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "ledger-migrate-"},
		Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever,
			Containers:    []corev1.Container{{Name: "migrate", Image: "billing/ledger:" + p.Version, Args: []string{"migrate", "up"}}},
		}}},
	}
	created, err := p.Client.BatchV1().Jobs(p.Namespace).Create(ctx, job, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, time.Second, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		current, err := p.Client.BatchV1().Jobs(p.Namespace).Get(ctx, created.Name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		return current.Status.Succeeded > 0, nil
	})
}

func deployment(name, image string, args ...string) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	one := int32(1)
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &one,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: name, Image: image, Args: args}}},
			},
		},
	}
}

func (p *Platform) createDeployment(ctx context.Context, d *appsv1.Deployment) error {
	_, err := p.Client.AppsV1().Deployments(p.Namespace).Create(ctx, d, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = p.Client.AppsV1().Deployments(p.Namespace).Update(ctx, d, metav1.UpdateOptions{})
	}
	return err
}

func deployExchangeRates(ctx context.Context, p *Platform) error {
	return p.createDeployment(ctx, deployment("exchange-rates", "billing/exchange-rates:"+p.Version))
}

func deployPaymentGateway(ctx context.Context, p *Platform, token string) error {
	return p.createDeployment(ctx, deployment("payment-gateway", "billing/payment-gateway:"+p.Version, "--token="+token))
}

func deployLedger(ctx context.Context, p *Platform, gateway string) error {
	return p.createDeployment(ctx, deployment("ledger", "billing/ledger:"+p.Version, "serve", "--gateway="+gateway))
}

func waitForDeployment(ctx context.Context, p *Platform, name string, limit time.Duration) error {
	return wait.PollUntilContextTimeout(ctx, 500*time.Millisecond, limit, true, func(ctx context.Context) (bool, error) {
		d, err := p.Client.AppsV1().Deployments(p.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, nil
		}
		return d.Status.AvailableReplicas > 0, nil
	})
}

func waitForStatefulSet(ctx context.Context, p *Platform, name string, limit time.Duration) error {
	return wait.PollUntilContextTimeout(ctx, 500*time.Millisecond, limit, true, func(ctx context.Context) (bool, error) {
		s, err := p.Client.AppsV1().StatefulSets(p.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, nil
		}
		return s.Status.ReadyReplicas > 0, nil
	})
}

func createGatewayToken(ctx context.Context, p *Platform) (string, error) {
	secret, err := p.Client.CoreV1().Secrets(p.Namespace).Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "gateway-token"},
		StringData: map[string]string{"token": os.Getenv("GATEWAY_TOKEN")},
	}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	return string(secret.Data["token"]), nil
}

func nodePortOf(ctx context.Context, p *Platform, name string) (string, error) {
	service, err := p.Client.CoreV1().Services(p.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("127.0.0.1:%d", service.Spec.Ports[0].NodePort), nil
}

func dumpEvents(ctx context.Context, p *Platform) {
	events, err := p.Client.CoreV1().Events(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return
	}
	for _, event := range events.Items {
		klog.InfoS("event", "object", event.InvolvedObject.Name, "reason", event.Reason, "message", event.Message)
	}
}

// Everything is ready when all of them are; each is asked for on its own.
func Everything(ctx context.Context, p *Platform) error {
	if err := waitForStatefulSet(ctx, p, "ledger-db", 2*time.Minute); err != nil {
		return err
	}
	if err := waitForDeployment(ctx, p, "exchange-rates", 2*time.Minute); err != nil { // label: wait-per-service
		return err
	}
	if err := waitForDeployment(ctx, p, "payment-gateway", 2*time.Minute); err != nil {
		return err
	}
	return waitForDeployment(ctx, p, "ledger", 2*time.Minute)
}
