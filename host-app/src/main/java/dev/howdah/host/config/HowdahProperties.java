package dev.howdah.host.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The host's configuration, {@code howdah.*}. What Spring Boot names already ({@code management.*},
 * {@code logging.*}) keeps its name.
 *
 * @param home folder for what the host makes itself: development certificates, sockets, drop-in
 *     plugins
 * @param mode what part of the work this process does
 * @param grpc the TCP endpoint
 * @param sockets the Unix sockets
 * @param admission the admission webhooks
 * @param discovery where plugins are looked for
 * @param route how calls find their plugin
 * @param limits what a plugin may use, unless its own settings say otherwise
 * @param status what happens to plugins' statuses
 * @param start time limits for starting and stopping plugins
 * @param kubernetes the Kubernetes API
 * @param instance what mode {@code instance} serves
 * @param sidecar where the settings of the sidecar are
 * @param delivery what plugins want in Clusters' specs
 * @param tracing traces of calls
 * @param plugins settings of each plugin by id; keys beside those of {@link PluginSettings} are the
 *     plugin's own
 */
@Validated
@ConfigurationProperties("howdah")
public record HowdahProperties(
    @DefaultValue(".howdah") Path home,
    @DefaultValue("all") Mode mode,
    @DefaultValue @Valid Grpc grpc,
    @DefaultValue @Valid Sockets sockets,
    @DefaultValue @Valid Admission admission,
    @DefaultValue @Valid Discovery discovery,
    @DefaultValue @Valid Route route,
    @DefaultValue @Valid Limits limits,
    @DefaultValue @Valid Status status,
    @DefaultValue @Valid Start start,
    @DefaultValue @Valid Kubernetes kubernetes,
    @DefaultValue @Valid Instance instance,
    @DefaultValue @Valid Sidecar sidecar,
    @DefaultValue @Valid Delivery delivery,
    @DefaultValue @Valid Tracing tracing,
    @DefaultValue Map<String, @Valid PluginSettings> plugins) {

  /**
   * The TCP endpoint.
   *
   * @param address {@code host:port}; {@code :9090} listens on every interface, port 0 takes a free
   *     one
   * @param tls certificates; left out, mode {@code all} issues development ones in {@code
   *     <home>/tls}
   * @param tlsEngine whose TLS it is: {@code native} is BoringSSL, which is quick from the first
   *     connection on; {@code jdk} is Java's; {@code auto} is the first where it can be loaded
   * @param maxMessageSize longest request
   * @param maxConnections most connections per listener at a time
   * @param requestTimeout how long a client may take to send its request
   * @param drainTimeout how long calls in flight may go on when the host stops
   */
  public record Grpc(
      @DefaultValue("127.0.0.1:9090") String address,
      @Valid @Nullable Tls tls,
      @DefaultValue("auto") TlsEngine tlsEngine,
      @DefaultValue("4MB") DataSize maxMessageSize,
      @DefaultValue("512") @Min(1) int maxConnections,
      @DefaultValue("20s") Duration requestTimeout,
      @DefaultValue("30s") Duration drainTimeout) {}

  /**
   * Certificates, as PEM files that are read again when they change.
   *
   * @param certificate the server's certificate, its chain after it
   * @param privateKey the key to it
   * @param clientCertificates client certificates that are trusted: the certificates themselves or
   *     their authorities
   */
  public record Tls(Path certificate, Path privateKey, Path clientCertificates) {}

  /**
   * The Unix sockets.
   *
   * @param directory where they are; {@code <home>/plugins} in mode {@code all}, {@code /plugins}
   *     in mode {@code instance}
   */
  public record Sockets(@Nullable Path directory) {}

  /**
   * The admission webhooks.
   *
   * @param enabled whether they are served; not given: in mode {@code operator}
   * @param address {@code host:port}; {@code :8443} listens on every interface, port 0 takes a free
   *     one
   * @param tls their certificate
   * @param timeout until when a review is answered; below the webhooks' {@code timeoutSeconds}
   * @param maxBodySize longest review
   * @param maxConnections most connections at a time
   * @param drainTimeout how long reviews in flight may go on when the host stops
   */
  public record Admission(
      @Nullable Boolean enabled,
      @DefaultValue("127.0.0.1:8443") String address,
      @DefaultValue @Valid AdmissionTls tls,
      @DefaultValue("8s") Duration timeout,
      @DefaultValue("4MB") DataSize maxBodySize,
      @DefaultValue("64") @Min(1) int maxConnections,
      @DefaultValue("10s") Duration drainTimeout) {}

  /**
   * The certificate of the admission webhooks; that of {@code howdah.grpc.tls} if nothing is given.
   *
   * @param bundle name of a Spring Boot SSL bundle, in place of the files
   * @param certificate the server's certificate as PEM, its chain after it
   * @param privateKey the key to it as PEM
   * @param clientCertificates certificates of clients that may connect, or their authorities, as
   *     PEM; not given: no client certificate is asked for
   */
  public record AdmissionTls(
      @Nullable String bundle,
      @Nullable Path certificate,
      @Nullable Path privateKey,
      @Nullable Path clientCertificates) {}

  /**
   * Where plugins are looked for.
   *
   * @param packages packages of the class path that are scanned for plugin classes
   * @param directory folder of drop-in JARs; {@code <home>/drop-in} if not given
   * @param plugins further drop-ins, each a JAR, a folder, or several joined as in a class path
   * @param verification which drop-in JARs are trusted
   */
  public record Discovery(
      @DefaultValue("dev.howdah.plugins") List<String> packages,
      @Nullable Path directory,
      @DefaultValue List<String> plugins,
      @DefaultValue @Valid Verification verification) {}

  /**
   * Which drop-in JARs are trusted.
   *
   * @param mode what happens to one whose hash is not the pinned one, or isn't pinned at all
   * @param sha256 the SHA-256 of each JAR in hexadecimal, by file name; a name with a dot is
   *     written in brackets, {@code sha256.[hello.jar]}
   */
  public record Verification(
      @DefaultValue("off") VerificationMode mode, @DefaultValue Map<String, String> sha256) {

    /** Nothing is verified. */
    public static final Verification NONE = new Verification(VerificationMode.OFF, Map.of());
  }

  /** How strictly drop-in JARs are verified. */
  public enum VerificationMode {
    /** Not at all. */
    OFF,
    /** What isn't verified is used and logged. */
    WARN,
    /** What isn't verified is refused. */
    ENFORCE
  }

  /**
   * How calls find their plugin.
   *
   * @param header whether tools may name the plugin in the {@code howdah-plugin} header; not given:
   *     everywhere but in mode {@code operator}
   */
  public record Route(@Nullable Boolean header) {}

  /**
   * What a plugin may use.
   *
   * @param threads hooks of one plugin that run at a time
   * @param queue hooks of one plugin that wait at a time
   * @param observations notes for a plugin's observers that wait at a time; more are dropped and
   *     counted
   * @param deadlines time limits by RPC, such as {@code lifecycle-hook: 10s}; {@code 0} for none
   */
  public record Limits(
      @DefaultValue("8") @Min(1) int threads,
      @DefaultValue("32") @Min(0) int queue,
      @DefaultValue("1024") @Min(1) int observations,
      @DefaultValue Map<String, Duration> deadlines) {}

  /**
   * What happens to plugins' statuses.
   *
   * @param mode whether they are answered to the operator
   */
  public record Status(@DefaultValue("auto") StatusMode mode) {}

  /** Whether a plugin's status is answered to the operator. */
  public enum StatusMode {
    /** Unless the operator is seen to lose it, which would keep its loop running. */
    AUTO,
    /** Always. */
    ON,
    /** Never. */
    OFF
  }

  /**
   * Time limits for starting and stopping plugins.
   *
   * @param timeout for one plugin's start
   * @param stopTimeout for one plugin's stop
   * @param readinessInterval how often plugins are asked whether they are ready
   */
  public record Start(
      @DefaultValue("10s") Duration timeout,
      @DefaultValue("5s") Duration stopTimeout,
      @DefaultValue("5s") Duration readinessInterval) {}

  /**
   * The Kubernetes API, for what needs it; everything else works without.
   *
   * @param enabled whether it is used; {@code auto} uses it in a Pod (but not in mode {@code
   *     instance}) and where a kubeconfig is named
   * @param kubeconfig file that says where it is; the variable {@code KUBECONFIG}, else the Pod's
   *     service account if not given
   * @param name how the names of the host's own objects begin; the same for all replicas
   * @param namespace where the host keeps its own objects; the Pod's namespace, else the
   *     kubeconfig's, if not given
   * @param identity this replica's name among them; the Pod's name if not given
   * @param leaseDuration how long a leader that fell silent is waited for
   */
  public record Kubernetes(
      @DefaultValue("auto") KubernetesUse enabled,
      @Nullable Path kubeconfig,
      @Nullable String namespace,
      @DefaultValue("howdah") String name,
      @Nullable String identity,
      @DefaultValue("15s") @DurationMin(seconds = 1) Duration leaseDuration) {}

  /**
   * Bringing the parameters that plugins want into Clusters' specs.
   *
   * @param enabled whether it is done where there is a Kubernetes API; one host in a Kubernetes
   *     cluster may do it
   * @param interval how often the leader looks at every Cluster
   */
  public record Delivery(
      @DefaultValue("true") boolean enabled,
      @DefaultValue("1m") @DurationMin(millis = 100) Duration interval) {}

  /**
   * Traces of calls, sent over OTLP with HTTP and protobuf.
   *
   * @param endpoint the collector's URL with its path, such as {@code
   *     http://collector:4318/v1/traces}; no traces if not given
   * @param sampling share of the traces that are kept where the caller doesn't decide, 0 to 1
   * @param interval how often spans are sent
   */
  public record Tracing(
      @Nullable URI endpoint,
      @DefaultValue("1.0") @Min(0) @Max(1) double sampling,
      @DefaultValue("5s") @DurationMin(millis = 10) Duration interval) {}

  /** Whether the Kubernetes API is used. */
  public enum KubernetesUse {
    /** If there is one. */
    AUTO,
    /** Without one the host doesn't start. */
    TRUE,
    /** Never. */
    FALSE
  }

  /**
   * What mode {@code instance} serves.
   *
   * @param plugins names or ids of the plugins to serve, all if not given; one that isn't there has
   *     a socket that answers UNAVAILABLE
   * @param readinessFile a file that is made when all sockets are open and removed when the host
   *     stops, for a start-up probe; none if not given
   */
  public record Instance(@Nullable List<String> plugins, @Nullable Path readinessFile) {}

  /**
   * Where the settings of the sidecar are; in one place at most. Without any there is no sidecar.
   *
   * @param configMap ConfigMap in the host's own namespace that has the sidecar's settings under
   *     the key {@code sidecar.yaml}
   * @param file YAML file that has the sidecar's settings; read again when it changes
   * @param inline the sidecar's settings themselves
   * @param upkeepInterval how often the leader looks after the sidecar's settings and the active
   *     enrichment of all Clusters
   */
  public record Sidecar(
      @Nullable String configMap,
      @Nullable Path file,
      @Valid @Nullable SidecarSettings inline,
      @DefaultValue("10s") @DurationMin(seconds = 1) Duration upkeepInterval) {

    /** Whether there are settings anywhere. */
    public boolean configured() {
      return configMap != null || file != null || inline != null;
    }
  }

  /** The settings of a plugin; the defaults if it has none. */
  public PluginSettings plugin(String id) {
    return plugins.getOrDefault(id, PluginSettings.DEFAULTS);
  }

  /** Where drop-in plugins are looked for. */
  public Path dropInDirectory() {
    return Optional.ofNullable(discovery.directory()).orElseGet(() -> home.resolve("drop-in"));
  }

  /** Where the sockets are. */
  public Path socketDirectory() {
    return Optional.ofNullable(sockets.directory())
        .orElseGet(() -> mode == Mode.INSTANCE ? Path.of("/plugins") : home.resolve("plugins"));
  }

  /** Whether the admission webhooks are served. */
  public boolean servesAdmission() {
    return Optional.ofNullable(admission.enabled()).orElse(mode == Mode.OPERATOR);
  }

  /** Whether tools may name the plugin in a header. */
  public boolean routeByHeader() {
    return Optional.ofNullable(route.header()).orElse(mode != Mode.OPERATOR);
  }
}
