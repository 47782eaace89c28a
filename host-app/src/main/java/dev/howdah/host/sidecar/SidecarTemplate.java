package dev.howdah.host.sidecar;

import dev.howdah.host.config.SidecarSettings.CarriedPlugin;
import dev.howdah.host.config.SidecarSettings.Variable;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Template 1: the shape of the container and its volumes. Any change of what it makes rolls every
 * database that has it; such a change is a template with another number, and this one stays.
 *
 * <p>The container is a native sidecar, an init container that is restarted, so that its sockets
 * are there before the instance manager looks for them, once, at its start.
 */
final class SidecarTemplate {

  /** The number of this shape. */
  static final int NUMBER = 1;

  /** The sidecar's name among the Pod's containers. */
  static final String CONTAINER = "howdah";

  /** What the sidecar can do with its plugins' enrichment, for operator mode to read. */
  static final String ENRICHMENTS = "HOWDAH_INSTANCE_ENRICHMENTS";

  /** In Pods that bootstrap their instance themselves: calls plugins, and comes last. */
  private static final String BOOTSTRAP = "bootstrap-instance";

  private static final String SOCKETS_VOLUME = "plugins";
  private static final String SOCKETS = "/plugins";
  private static final String TEMPORARY_VOLUME = "howdah-tmp";
  private static final String TEMPORARY = "/tmp";
  private static final String SETTINGS_VOLUME = "howdah-settings";
  private static final String SETTINGS = "/etc/howdah/instance";
  private static final String READINESS_FILE = "/tmp/howdah-ready";
  private static final String DROP_IN_VOLUME = "howdah-drop-in-";
  private static final String DROP_INS = "/var/lib/howdah/drop-ins/";

  /**
   * Volumes that the operator makes. Those of other plugins are theirs: whether they are there
   * already depends on who is asked first. The API server's token is left out; nothing in the
   * sidecar calls it.
   */
  private static final Set<String> OPERATOR_VOLUMES =
      Set.of("pgdata", "scratch-data", "shm", "pg-wal", "projected");

  private static final List<String> OPERATOR_VOLUME_PREFIXES = List.of("tbs-", "ext-");

  private final SidecarPlan plan;
  private final String clusterName;

  SidecarTemplate(SidecarPlan plan, String clusterName) {
    this.plan = plan;
    this.clusterName = clusterName;
  }

  /** The name of the ConfigMap with a Cluster's settings. */
  static String settingsConfigMap(String clusterName) {
    return clusterName + "-howdah";
  }

  /** Whether a Pod has the sidecar already. */
  static boolean present(PodSpec spec) {
    return find(spec).isPresent();
  }

  /** The sidecar of a Pod. */
  static Optional<Container> find(PodSpec spec) {
    return spec.getInitContainers().stream()
        .filter(container -> container.getName().equals(CONTAINER))
        .findFirst();
  }

  /**
   * Adds the sidecar and all that it needs.
   *
   * @param spec is changed
   * @param main name of the container that works on the database; its environment and mounts are
   *     the sidecar's, too
   */
  void addTo(PodSpec spec, String main) {
    Container database =
        spec.getContainers().stream()
            .filter(container -> container.getName().equals(main))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("There is no container " + main + "."));
    String sockets = addSocketsMount(spec, database);
    spec.getInitContainers().stream()
        .filter(container -> container.getName().equals(BOOTSTRAP))
        .forEach(container -> addMount(container, sockets));
    addVolumes(spec, sockets);
    Container sidecar = sidecar(database, sockets);
    List<Container> initContainers = new ArrayList<>(spec.getInitContainers());
    initContainers.add(place(initContainers), sidecar);
    spec.setInitContainers(initContainers);
  }

  /** Last, but before the container that bootstraps the instance, which already calls plugins. */
  private static int place(List<Container> initContainers) {
    for (int at = 0; at < initContainers.size(); at++) {
      if (initContainers.get(at).getName().equals(BOOTSTRAP)) {
        return at;
      }
    }
    return initContainers.size();
  }

  /** The volume that is at /plugins; another vendor's sidecar may have put one there. */
  private static String addSocketsMount(PodSpec spec, Container database) {
    Optional<String> present =
        database.getVolumeMounts().stream()
            .filter(mount -> mount.getMountPath().equals(SOCKETS))
            .map(VolumeMount::getName)
            .findFirst();
    String volume = present.orElse(SOCKETS_VOLUME);
    addMount(database, volume);
    return volume;
  }

  private static void addMount(Container container, String volume) {
    if (container.getVolumeMounts().stream()
        .noneMatch(mount -> mount.getMountPath().equals(SOCKETS))) {
      List<VolumeMount> mounts = new ArrayList<>(container.getVolumeMounts());
      mounts.add(mount(volume, SOCKETS));
      container.setVolumeMounts(mounts);
    }
  }

  private void addVolumes(PodSpec spec, String sockets) {
    Map<String, Volume> volumes = new LinkedHashMap<>();
    spec.getVolumes().forEach(volume -> volumes.put(volume.getName(), volume));
    for (Volume volume : volumes(sockets)) {
      volumes.putIfAbsent(volume.getName(), volume);
    }
    spec.setVolumes(new ArrayList<>(volumes.values()));
  }

  private List<Volume> volumes(String sockets) {
    List<Volume> volumes = new ArrayList<>();
    volumes.add(emptyFolder(sockets));
    volumes.add(emptyFolder(TEMPORARY_VOLUME));
    volumes.add(
        new VolumeBuilder()
            .withName(SETTINGS_VOLUME)
            .withNewConfigMap()
            .withName(settingsConfigMap(clusterName))
            .withDefaultMode(420)
            .withOptional(true)
            .endConfigMap()
            .build());
    for (int i = 0; i < plan.dropIns().size(); i++) {
      volumes.add(
          new VolumeBuilder()
              .withName(DROP_IN_VOLUME + i)
              .withNewImage()
              .withReference(plan.dropIns().get(i))
              .endImage()
              .build());
    }
    return volumes;
  }

  private static Volume emptyFolder(String name) {
    return new VolumeBuilder().withName(name).withNewEmptyDir().endEmptyDir().build();
  }

  private Container sidecar(Container database, String sockets) {
    ContainerBuilder container =
        new ContainerBuilder()
            .withName(CONTAINER)
            .withImage(plan.image())
            .withArgs("serve")
            .withEnvFrom(database.getEnvFrom())
            .withEnv(environment(database))
            .withVolumeMounts(mounts(database, sockets))
            .withRestartPolicy("Always")
            .withNewResources()
            .withRequests(plan.requests())
            .withLimits(plan.limits())
            .endResources()
            .withNewStartupProbe()
            .withNewExec()
            .withCommand("test", "-f", READINESS_FILE)
            .endExec()
            .withTimeoutSeconds(5)
            .withPeriodSeconds(1)
            .withFailureThreshold(120)
            .endStartupProbe()
            // No user and no group: they are the Pod's, to which the database's files belong.
            .withNewSecurityContext()
            .withAllowPrivilegeEscalation(false)
            .withPrivileged(false)
            .withReadOnlyRootFilesystem(true)
            .withRunAsNonRoot(true)
            .withNewCapabilities()
            .withDrop("ALL")
            .endCapabilities()
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile()
            .endSecurityContext();
    plan.pullPolicy().ifPresent(policy -> container.withImagePullPolicy(policy.kubernetes()));
    return container.build();
  }

  /** The database container's, then the sidecar's own; of a name only the last one stays. */
  private List<EnvVar> environment(Container database) {
    Map<String, EnvVar> environment = new LinkedHashMap<>();
    database.getEnv().forEach(variable -> put(environment, variable));
    put(environment, "HOWDAH_MODE", "instance");
    put(
        environment,
        "HOWDAH_INSTANCE_PLUGINS",
        plan.plugins().stream().map(CarriedPlugin::name).collect(Collectors.joining(",")));
    put(environment, "HOWDAH_INSTANCE_READINESS_FILE", READINESS_FILE);
    put(environment, "HOWDAH_SOCKETS_DIRECTORY", SOCKETS);
    String enrichments =
        plan.plugins().stream()
            .filter(plugin -> plugin.enrich() > 0)
            .map(plugin -> plugin.id() + "@" + plugin.enrich())
            .collect(Collectors.joining(","));
    if (!enrichments.isEmpty()) {
      put(environment, ENRICHMENTS, enrichments);
    }
    if (!plan.dropIns().isEmpty()) {
      List<String> folders = new ArrayList<>();
      for (int i = 0; i < plan.dropIns().size(); i++) {
        folders.add(DROP_INS + i);
      }
      put(environment, "HOWDAH_DISCOVERY_PLUGINS", String.join(",", folders));
    }
    put(environment, "SPRING_CONFIG_ADDITIONALLOCATION", "optional:file:" + SETTINGS + "/");
    put(environment, "LOGGING_LEVEL_DEV_HOWDAH", plan.logLevel().name().toLowerCase(Locale.ROOT));
    put(environment, "LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs");
    for (Variable variable : plan.env()) {
      put(environment, variable.name(), variable.value());
    }
    return List.copyOf(environment.values());
  }

  private static void put(Map<String, EnvVar> environment, String name, String value) {
    put(environment, new EnvVar(name, value, null));
  }

  private static void put(Map<String, EnvVar> environment, EnvVar variable) {
    environment.remove(variable.getName());
    environment.put(variable.getName(), variable);
  }

  private List<VolumeMount> mounts(Container database, String sockets) {
    Map<String, VolumeMount> byPath = new LinkedHashMap<>();
    database.getVolumeMounts().stream()
        .filter(mount -> isOperators(mount.getName()))
        .forEach(mount -> byPath.put(mount.getMountPath(), new VolumeMountBuilder(mount).build()));
    byPath.put(SOCKETS, mount(sockets, SOCKETS));
    byPath.put(TEMPORARY, mount(TEMPORARY_VOLUME, TEMPORARY));
    byPath.put(SETTINGS, readOnly(SETTINGS_VOLUME, SETTINGS));
    for (int i = 0; i < plan.dropIns().size(); i++) {
      byPath.put(DROP_INS + i, readOnly(DROP_IN_VOLUME + i, DROP_INS + i));
    }
    return List.copyOf(byPath.values());
  }

  private static boolean isOperators(String volume) {
    return OPERATOR_VOLUMES.contains(volume)
        || OPERATOR_VOLUME_PREFIXES.stream().anyMatch(volume::startsWith);
  }

  private static VolumeMount mount(String volume, String path) {
    return new VolumeMountBuilder().withName(volume).withMountPath(path).build();
  }

  private static VolumeMount readOnly(String volume, String path) {
    return new VolumeMountBuilder(mount(volume, path)).withReadOnly(true).build();
  }
}
