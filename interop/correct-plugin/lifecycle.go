package main

import (
	"context"

	"github.com/cloudnative-pg/cnpg-i-machinery/pkg/pluginhelper/decoder"
	"github.com/cloudnative-pg/cnpg-i-machinery/pkg/pluginhelper/object"
	"github.com/cloudnative-pg/cnpg-i/pkg/lifecycle"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"
)

const (
	podKind           = "Pod"
	labelKey          = "interop.howdah.dev/correct-plugin"
	sidecarName       = "correct-plugin"
	executable        = "/correct-plugin"
	postgresContainer = "postgres"
	pluginsVolume     = "plugins"
	pluginsMountPath  = "/plugins"
)

// lifecycleServer decorates instance Pods. CREATE and EVALUATE are one function of Cluster and Pod:
// the operator compares running Pods with the answer to EVALUATE and rolls those that differ.
type lifecycleServer struct {
	lifecycle.UnimplementedOperatorLifecycleServer
}

func (*lifecycleServer) GetCapabilities(
	context.Context, *lifecycle.OperatorLifecycleCapabilitiesRequest,
) (*lifecycle.OperatorLifecycleCapabilitiesResponse, error) {
	return &lifecycle.OperatorLifecycleCapabilitiesResponse{
		LifecycleCapabilities: []*lifecycle.OperatorLifecycleCapabilities{{
			Group: "",
			Kind:  podKind,
			OperationTypes: []*lifecycle.OperatorOperationType{
				{Type: lifecycle.OperatorOperationType_TYPE_CREATE},
				{Type: lifecycle.OperatorOperationType_TYPE_EVALUATE},
			},
		}},
	}, nil
}

func (*lifecycleServer) LifecycleHook(
	_ context.Context, request *lifecycle.OperatorLifecycleRequest,
) (*lifecycle.OperatorLifecycleResponse, error) {
	unchanged := &lifecycle.OperatorLifecycleResponse{}
	kind, err := object.GetKind(request.GetObjectDefinition())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "the object definition isn't valid JSON")
	}
	cluster, err := decodeCluster(request.GetClusterDefinition())
	if err != nil {
		return nil, err
	}
	if kind != podKind || !decorates(request.GetOperationType().GetType()) {
		return unchanged, nil
	}
	wanted, problems := useIn(cluster)
	if wanted == nil {
		return unchanged, nil
	}
	if len(problems) > 0 {
		return nil, status.Error(codes.InvalidArgument, problems[0].Error())
	}
	pod, err := decoder.DecodePodJSON(request.GetObjectDefinition())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "the object definition isn't a v1 Pod")
	}
	decorated, err := decorate(pod, wanted)
	if err != nil {
		return nil, err
	}
	patch, err := object.CreatePatch(decorated, pod)
	if err != nil {
		return nil, status.Error(codes.Internal, "no patch can be computed for the Pod")
	}
	return &lifecycle.OperatorLifecycleResponse{JsonPatch: patch}, nil
}

func decorates(verb lifecycle.OperatorOperationType_Type) bool {
	return verb == lifecycle.OperatorOperationType_TYPE_CREATE ||
		verb == lifecycle.OperatorOperationType_TYPE_EVALUATE
}

// decorate sets one label and no more: the machinery walks maps in random order, and two new labels
// would give two orders of operations in the patch.
func decorate(pod *corev1.Pod, wanted *use) (*corev1.Pod, error) {
	result := pod.DeepCopy()
	postgres := containerNamed(result.Spec.Containers, postgresContainer)
	if postgres == nil {
		return result, nil
	}
	if result.Labels == nil {
		result.Labels = map[string]string{}
	}
	result.Labels[labelKey] = wanted.label
	if err := object.InjectPluginSidecarInitContainer(result, sidecar(wanted), false); err != nil {
		return nil, status.Error(codes.Internal, "the sidecar can't be added to the Pod")
	}
	// The machinery takes the mount in PostgreSQL's container for granted if the volume is there.
	mountPlugins(containerNamed(result.Spec.Containers, postgresContainer))
	return result, nil
}

func containerNamed(containers []corev1.Container, name string) *corev1.Container {
	for i := range containers {
		if containers[i].Name == name {
			return &containers[i]
		}
	}
	return nil
}

func mountPlugins(container *corev1.Container) {
	for _, mount := range container.VolumeMounts {
		if mount.MountPath == pluginsMountPath {
			return
		}
	}
	container.VolumeMounts = append(container.VolumeMounts, pluginsMount())
}

func pluginsMount() corev1.VolumeMount {
	return corev1.VolumeMount{Name: pluginsVolume, MountPath: pluginsMountPath}
}

// sidecar is this same program, serving its socket beside PostgreSQL: who declares that a sidecar is
// injected is looked for on a socket in each instance. The machinery gives a sidecar no mount of the
// folder of sockets, so it is named here.
func sidecar(wanted *use) *corev1.Container {
	amounts := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse("50m"),
		corev1.ResourceMemory: resource.MustParse("64Mi"),
	}
	return &corev1.Container{
		Name:         sidecarName,
		Image:        wanted.image,
		Command:      []string{executable},
		Args:         []string{"serve", "--plugin-path=" + pluginsMountPath, "--debug=false"},
		VolumeMounts: []corev1.VolumeMount{pluginsMount()},
		Resources:    corev1.ResourceRequirements{Requests: amounts, Limits: amounts},
		StartupProbe: &corev1.Probe{
			ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{
				Command: []string{executable, "healthcheck", "--plugin-path=" + pluginsMountPath},
			}},
			PeriodSeconds:    1,
			TimeoutSeconds:   5,
			FailureThreshold: 30,
		},
		SecurityContext: &corev1.SecurityContext{
			RunAsNonRoot:             ptr.To(true),
			AllowPrivilegeEscalation: ptr.To(false),
			ReadOnlyRootFilesystem:   ptr.To(true),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
	}
}
