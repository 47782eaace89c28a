package dev.howdah.host.kubernetes;

import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import dev.howdah.host.kubernetes.KubernetesApi.HostPlace;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the API server: by the kubeconfig that is named in the configuration or by the variable
 * {@code KUBECONFIG}, else by the Pod's own service account. A kubeconfig that merely lies in
 * somebody's home folder is not taken: whoever starts a host on a laptop doesn't mean to let it
 * write into whatever cluster was used last.
 */
final class KubernetesPlace {

  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
  private static final int TIMEOUT_MILLIS = 10_000;

  private final HowdahProperties.Kubernetes properties;
  private final Mode mode;
  private final UnaryOperator<@Nullable String> environment;
  private final Path serviceAccount;

  KubernetesPlace(
      HowdahProperties.Kubernetes properties,
      Mode mode,
      UnaryOperator<@Nullable String> environment,
      Path serviceAccount) {
    this.properties = properties;
    this.mode = mode;
    this.environment = environment;
    this.serviceAccount = serviceAccount;
  }

  static KubernetesPlace of(HowdahProperties properties) {
    return new KubernetesPlace(
        properties.kubernetes(), properties.mode(), System::getenv, SERVICE_ACCOUNT);
  }

  /**
   * Finds it.
   *
   * @throws IllegalArgumentException if there must be one and there is none, or a kubeconfig can't
   *     be read
   */
  KubernetesApi find() {
    if (!wanted()) {
      return none("switched off by howdah.kubernetes.enabled=false");
    }
    Optional<Path> kubeconfig = kubeconfig();
    if (kubeconfig.isPresent()) {
      Config config = read(kubeconfig.get());
      return api(config, "the kubeconfig " + kubeconfig.get());
    }
    if (inCluster()) {
      return api(Config.autoConfigure(null), "the Pod's service account");
    }
    if (properties.enabled() == HowdahProperties.KubernetesUse.TRUE) {
      throw new ConfigurationException(
          "howdah.kubernetes.enabled is true, but the host doesn't run in a Pod with a service"
              + " account and no kubeconfig is named. Set howdah.kubernetes.kubeconfig, or the"
              + " variable KUBECONFIG, or leave howdah.kubernetes.enabled at auto.");
    }
    return none("neither a Pod's service account nor a kubeconfig");
  }

  /**
   * The sidecar has the database's service account, which is nobody's to use but CNPG's, unless a
   * plugin in it needs the API: then its hooks on Pods say so in the sidecar's environment.
   */
  private boolean wanted() {
    return switch (properties.enabled()) {
      case FALSE -> false;
      case TRUE -> true;
      case AUTO -> mode != Mode.INSTANCE;
    };
  }

  private Optional<Path> kubeconfig() {
    return Optional.ofNullable(properties.kubeconfig())
        .or(
            () ->
                Optional.ofNullable(environment.apply("KUBECONFIG"))
                    .filter(it -> !it.isBlank())
                    .map(Path::of));
  }

  private boolean inCluster() {
    String host = environment.apply("KUBERNETES_SERVICE_HOST");
    return host != null && !host.isBlank() && Files.isReadable(serviceAccount.resolve("token"));
  }

  private static Config read(Path file) {
    if (!Files.isReadable(file)) {
      throw new ConfigurationException(
          "The kubeconfig %s can't be read. Correct howdah.kubernetes.kubeconfig or KUBECONFIG."
              .formatted(file));
    }
    try {
      return Config.fromKubeconfig(file.toFile());
    } catch (KubernetesClientException e) {
      throw new ConfigurationException(
          "The kubeconfig %s can't be used: %s. Try it with kubectl."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private KubernetesApi api(Config found, String origin) {
    Config config =
        new ConfigBuilder(found)
            .withConnectionTimeout(TIMEOUT_MILLIS)
            .withRequestTimeout(TIMEOUT_MILLIS)
            // Whoever asks decides whether to ask again.
            .withRequestRetryBackoffLimit(1)
            .withUserAgent("howdah")
            .build();
    return new KubernetesApi(() -> client(config), origin, place(Optional.of(config)));
  }

  private static KubernetesClient client(Config config) {
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new JdkHttpClientFactory())
        .build();
  }

  private KubernetesApi none(String why) {
    return new KubernetesApi(null, why, place(Optional.empty()));
  }

  private HostPlace place(Optional<Config> config) {
    String namespace =
        Optional.ofNullable(properties.namespace())
            .or(this::namespaceOfPod)
            .or(() -> config.map(Config::getNamespace))
            .orElse("default");
    String identity = Optional.ofNullable(properties.identity()).orElseGet(this::machine);
    return new HostPlace(namespace, properties.name(), identity);
  }

  private Optional<String> namespaceOfPod() {
    Path file = serviceAccount.resolve("namespace");
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(file).strip()).filter(it -> !it.isEmpty());
    } catch (IOException e) {
      throw new UncheckedIOException("The Pod's namespace in %s can't be read.".formatted(file), e);
    }
  }

  private String machine() {
    String named = environment.apply("HOSTNAME");
    if (named != null && !named.isBlank()) {
      return named;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
