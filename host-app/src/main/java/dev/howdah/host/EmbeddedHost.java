package dev.howdah.host;

import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginSource;
import dev.howdah.host.discovery.PluginCandidate;
import dev.howdah.host.discovery.PluginDoor;
import dev.howdah.host.discovery.PluginInstance;
import dev.howdah.plugin.ApiRange;
import dev.howdah.plugin.ApiVersion;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginManifest;
import dev.howdah.plugin.PluginMetadata;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * A whole host inside another process, on free ports and in a folder of its own: for tests,
 * benchmarks and tools. Nothing is left out of it: real TLS, real sockets, the whole pipeline.
 */
public final class EmbeddedHost implements AutoCloseable {

  private final ConfigurableApplicationContext context;
  private final Path home;

  private EmbeddedHost(ConfigurableApplicationContext context, Path home) {
    this.context = context;
    this.home = home;
  }

  /**
   * Begins to describe a host.
   *
   * @param home its folder: certificates in {@code tls}, sockets in {@code plugins}. Short, since
   *     the path of a socket is limited to about a hundred bytes.
   */
  public static Builder in(Path home) {
    return new Builder(home);
  }

  /** The TCP address. */
  public InetSocketAddress tcpAddress() {
    return endpoint()
        .tcpAddress()
        .orElseThrow(() -> new IllegalStateException("This host doesn't listen on TCP."));
  }

  /** The base of the HTTP endpoints, such as {@code http://127.0.0.1:40123}. */
  public String httpBase() {
    return "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
  }

  /**
   * The base of the admission webhooks, such as {@code https://localhost:40124}; only with {@code
   * howdah.admission.enabled}.
   */
  public String admissionBase() {
    return context
        .getBean(AdmissionEndpoint.class)
        .address()
        .map(address -> "https://localhost:" + address.getPort())
        .orElseThrow(() -> new IllegalStateException("This host serves no webhooks."));
  }

  /** The socket of a plugin. */
  public Path socket(String pluginName) {
    Path socket = endpoint().sockets().get(pluginName);
    if (socket == null) {
      throw new IllegalArgumentException("There is no socket of '%s'.".formatted(pluginName));
    }
    return socket;
  }

  /** A file among the development certificates, such as {@code client.crt}. */
  public Path tlsFile(String name) {
    return home.resolve("tls").resolve(name);
  }

  /** Every plugin. */
  public PluginCatalog catalog() {
    return endpoint().catalog();
  }

  /** The application context, for what has no accessor here. */
  public ConfigurableApplicationContext context() {
    return context;
  }

  private HostEndpoint endpoint() {
    return context.getBean(HostEndpoint.class);
  }

  /** Stops the host as the process's end would. */
  @Override
  public void close() {
    context.close();
  }

  /** Describes a host. Not thread-safe. */
  public static final class Builder {

    private final Path home;
    private final Map<String, Object> properties = new LinkedHashMap<>();
    private final List<PluginCandidate> plugins = new ArrayList<>();
    private final Map<Class<?>, Object> beans = new LinkedHashMap<>();

    private Builder(Path home) {
      this.home = home;
      properties.put("howdah.home", home.toString());
      properties.put("howdah.grpc.address", "127.0.0.1:0");
      properties.put("howdah.admission.address", "127.0.0.1:0");
      properties.put("howdah.summary", "false");
      properties.put("server.port", "0");
      properties.put("spring.main.register-shutdown-hook", "false");
    }

    /** Sets a property; those of the builder can be replaced. */
    public Builder property(String key, Object value) {
      properties.put(key, value);
      return this;
    }

    /** Hosts the plugins of the class path under these packages only; none if there are none. */
    public Builder classPathPlugins(String... packages) {
      return property("howdah.discovery.packages", String.join(",", packages));
    }

    /**
     * Hosts a plugin made by code.
     *
     * @param id its id
     * @param metadata its metadata, without which it has no name before it is made
     * @param plugin makes it
     */
    public Builder plugin(String id, PluginMetadata metadata, Supplier<Plugin> plugin) {
      PluginManifest manifest =
          new PluginManifest(
              "embedded." + id.replace('-', '_'),
              id,
              metadata.name(),
              metadata.version(),
              new ApiRange(ApiVersion.CURRENT, new ApiVersion(ApiVersion.CURRENT.major() + 1, 0)),
              false);
      plugins.add(
          new PluginCandidate.Acceptable(
              new PluginSource(PluginSource.Door.EMBEDDED, id),
              manifest,
              () -> {
                Plugin made = plugin.get();
                ClassLoader loader = made.getClass().getClassLoader();
                return new PluginInstance(
                    made, loader == null ? ClassLoader.getSystemClassLoader() : loader, () -> {});
              }));
      return this;
    }

    /** Hosts a plugin. */
    public Builder plugin(String id, Plugin plugin) {
      return plugin(id, plugin.metadata(), () -> plugin);
    }

    /** Replaces a bean of the host that may be replaced. */
    public <T> Builder bean(Class<T> type, T bean) {
      beans.put(type, bean);
      return this;
    }

    /** Starts the host; returns when it serves. */
    public EmbeddedHost start() {
      SpringApplication application = HowdahApplication.application(HowdahApplication.class);
      application.addInitializers(
          (ApplicationContextInitializer<GenericApplicationContext>) this::register);
      String[] arguments =
          properties.entrySet().stream()
              .map(property -> "--" + property.getKey() + "=" + property.getValue())
              .toArray(String[]::new);
      return new EmbeddedHost(application.run(arguments), home);
    }

    private void register(GenericApplicationContext context) {
      List<PluginCandidate> embedded = List.copyOf(plugins);
      context.registerBean("embeddedDoor", PluginDoor.class, () -> () -> embedded);
      beans.forEach((type, bean) -> registerBean(context, type, bean));
    }

    private static <T> void registerBean(
        GenericApplicationContext context, Class<T> type, Object bean) {
      context.registerBean(type, () -> type.cast(bean));
    }
  }
}
