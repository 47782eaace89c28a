package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.plugins.objectstore.config.ObjectStoreResources;
import dev.howdah.plugins.objectstore.config.SecretReference;
import dev.howdah.plugins.objectstore.config.StoreOpener;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeFluent;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gives the host's sidecar what archiving to ObjectStores takes there: the Secrets that they name,
 * mounted, and the way to the Kubernetes API, where it reads them. Thread-safe.
 *
 * <p>Besides the Cluster this depends on the names of Secrets in its ObjectStores, so a change of
 * these rolls the Pods; what the Secrets hold does not matter. While an ObjectStore can't be read
 * there is no answer: one without its Secrets would roll every Pod.
 */
final class SidecarNeeds {

  /** Of the shared sidecar. */
  static final String CONTAINER = "howdah";

  static final String VOLUME = "howdah-object-store";
  static final String USE_KUBERNETES = "HOWDAH_KUBERNETES_ENABLED";

  private static final String TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount";

  // As the API server fills it in.
  private static final int MODE = 0644;

  private final ObjectStoreResources resources;

  SidecarNeeds(ObjectStoreResources resources) {
    this.resources = resources;
  }

  /** Completes the sidecar of an instance. */
  Pod pod(Pod pod, LifecycleContext context) {
    complete(pod.getSpec(), context);
    return pod;
  }

  /** Completes the sidecar of a Job. */
  Job job(Job job, LifecycleContext context) {
    if (job.getSpec() != null && job.getSpec().getTemplate() != null) {
      complete(job.getSpec().getTemplate().getSpec(), context);
    }
    return job;
  }

  private void complete(PodSpec spec, LifecycleContext context) {
    Optional<Container> sidecar =
        Optional.ofNullable(spec).stream()
            .flatMap(pod -> pod.getInitContainers().stream())
            .filter(container -> container.getName().equals(CONTAINER))
            .findFirst();
    SortedSet<String> stores = ReferencedStores.of(context);
    if (sidecar.isEmpty() || stores.isEmpty()) {
      return;
    }
    SortedMap<String, SortedSet<String>> secrets = new TreeMap<>();
    for (String store : stores) {
      StoreOpener.secretsOf(resources.read(context.cluster().namespace(), store).spec())
          .values()
          .forEach(secret -> note(secrets, secret));
    }
    useKubernetes(spec, sidecar.get());
    if (!secrets.isEmpty()) {
      mount(spec, sidecar.get(), secrets);
    }
  }

  private static void note(
      SortedMap<String, SortedSet<String>> secrets, SecretReference reference) {
    secrets.computeIfAbsent(reference.name(), name -> new TreeSet<>()).add(reference.key());
  }

  private static void useKubernetes(PodSpec spec, Container sidecar) {
    if (sidecar.getEnv().stream().noneMatch(it -> it.getName().equals(USE_KUBERNETES))) {
      List<EnvVar> environment = new ArrayList<>(sidecar.getEnv());
      environment.add(new EnvVar(USE_KUBERNETES, "true", null));
      sidecar.setEnv(environment);
    }
    if (tokenOf(sidecar).isEmpty()) {
      spec.getContainers().stream()
          .flatMap(container -> tokenOf(container).stream())
          .findFirst()
          .ifPresent(token -> addMount(sidecar, new VolumeMountBuilder(token).build()));
    }
  }

  // Newer operators mount the token themselves, where they need it; before, the API server did so
  // in every container.
  private static Optional<VolumeMount> tokenOf(Container container) {
    return container.getVolumeMounts().stream()
        .filter(mount -> mount.getMountPath().equals(TOKEN))
        .findFirst();
  }

  private static void addMount(Container sidecar, VolumeMount mount) {
    List<VolumeMount> mounts = new ArrayList<>(sidecar.getVolumeMounts());
    mounts.add(mount);
    sidecar.setVolumeMounts(mounts);
  }

  private static void mount(
      PodSpec spec, Container sidecar, SortedMap<String, SortedSet<String>> secrets) {
    if (spec.getVolumes().stream().noneMatch(it -> it.getName().equals(VOLUME))) {
      List<Volume> volumes = new ArrayList<>(spec.getVolumes());
      volumes.add(volume(secrets));
      spec.setVolumes(volumes);
    }
    if (sidecar.getVolumeMounts().stream().noneMatch(it -> it.getName().equals(VOLUME))) {
      addMount(
          sidecar,
          new VolumeMountBuilder()
              .withName(VOLUME)
              .withMountPath(ObjectStoreConfiguration.SECRETS)
              .withReadOnly(true)
              .build());
    }
  }

  // Optional, so that a database runs while somebody has yet to make the Secret; archiving says
  // what is missing, and goes on when the kubelet has brought it.
  private static Volume volume(SortedMap<String, SortedSet<String>> secrets) {
    var projected = new VolumeBuilder().withName(VOLUME).withNewProjected().withDefaultMode(MODE);
    for (Map.Entry<String, SortedSet<String>> secret : secrets.entrySet()) {
      project(projected, secret.getKey(), secret.getValue());
    }
    return projected.endProjected().build();
  }

  private static void project(
      VolumeFluent<VolumeBuilder>.ProjectedNested<VolumeBuilder> projected,
      String name,
      SortedSet<String> keys) {
    var source = projected.addNewSource().withNewSecret().withName(name).withOptional(true);
    for (String key : keys) {
      source.addNewItem().withKey(key).withPath(name + "/" + key).endItem();
    }
    source.endSecret().endSource();
  }
}
