package dev.howdah.testkit;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.plugin.cluster.Cluster;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs a plugin in a real host for a JUnit test, loaded as a dropped-in JAR is: with its own class
 * loader, which sees the plugin's classes, its runtime dependencies and the packages that hosts
 * share, and nothing else. What works here works when dropped in.
 *
 * <pre>{@code
 * class LabelsPluginTest {
 *   @RegisterExtension
 *   static HowdahPluginExtension plugin = HowdahPluginExtension.ofThisProject();
 *
 *   @Test
 *   void everyInstanceGetsItsLabel() {
 *     plugin.onCluster("cluster-minimal").with("owner", "shop")
 *         .creates("pod-instance")
 *         .hasLabel("example.com/owner", "shop");
 *   }
 * }
 * }</pre>
 *
 * <p>A static field makes one host for all tests of the class (about two seconds), any other a host
 * for each test. Calls are made as the operator makes them: over TCP with mutual TLS for what the
 * operator calls, over the plugin's Unix socket for what the instance manager calls. Not
 * thread-safe.
 */
public final class HowdahPluginExtension
    implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {

  private final PluginClassPath classPath;
  private final Map<String, String> configuration = new LinkedHashMap<>();
  private final Map<String, Object> properties = new LinkedHashMap<>();
  private boolean forAllTests;
  private @Nullable RunningPlugin running;

  private HowdahPluginExtension(PluginClassPath classPath) {
    this.classPath = classPath;
  }

  /**
   * The plugin of the Maven project whose tests run: {@code target/classes} and the runtime
   * dependencies, as Maven left them in {@code target/howdah/runtime-class-path}; a project that
   * has none needs no such file.
   *
   * @throws IllegalStateException if there is no plugin manifest, or the dependencies aren't known;
   *     says what to write
   */
  public static HowdahPluginExtension ofThisProject() {
    String basedir = Optional.ofNullable(System.getProperty("basedir")).orElse("");
    return new HowdahPluginExtension(PluginClassPath.ofProject(Path.of(basedir).toAbsolutePath()));
  }

  /**
   * A plugin somewhere else.
   *
   * @param classPath its JAR, or its folder of classes, and its dependencies
   */
  public static HowdahPluginExtension of(Path... classPath) {
    return new HowdahPluginExtension(new PluginClassPath(List.of(classPath)));
  }

  /**
   * Configures the plugin.
   *
   * @param key below {@code howdah.plugins.<id>}
   * @param value its value; {@code list[0]} and {@code map.key} are written as in a properties file
   */
  public HowdahPluginExtension configuration(String key, String value) {
    configuration.put(key, value);
    return this;
  }

  /** Sets any property of the host, such as {@code howdah.limits.threads}. */
  public HowdahPluginExtension hostProperty(String key, Object value) {
    properties.put(key, value);
    return this;
  }

  /** The plugin's name. */
  public String name() {
    return running().name();
  }

  /** The host, for what has no method here. */
  public EmbeddedHost host() {
    return running().host();
  }

  /**
   * Loads the plugin as the operator does, over both doors: metadata, capabilities, those of each
   * declared service in the operator's order, Probe.
   *
   * @throws AssertionError if a step fails, or takes longer than the operator waits
   */
  public LoadAnswer loads() {
    return Loading.of(running());
  }

  /** The test kit's smallest healthy Cluster, which names the plugin without parameters. */
  public ClusterScene onCluster() {
    return onCluster("cluster-minimal");
  }

  /**
   * A Cluster that names the plugin.
   *
   * @param name of one of the {@link OperatorObjects}
   */
  public ClusterScene onCluster(String name) {
    return onCluster(OperatorObjects.cluster(name));
  }

  /** A Cluster of the test's own; the plugin is added to it if it isn't named there. */
  public ClusterScene onCluster(Cluster cluster) {
    return ClusterScene.of(running(), cluster);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    forAllTests = true;
    start();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    stop();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (!forAllTests) {
      start();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (!forAllTests) {
      stop();
    }
  }

  private void start() {
    Map<String, Object> all = new LinkedHashMap<>(properties);
    configuration.forEach((key, value) -> all.put(prefix() + key, value));
    running = RunningPlugin.start(classPath, all);
  }

  private String prefix() {
    return "howdah.plugins." + Manifests.read(classPath).id() + ".";
  }

  private void stop() {
    RunningPlugin plugin = running;
    if (plugin != null) {
      running = null;
      plugin.close();
    }
  }

  private RunningPlugin running() {
    RunningPlugin plugin = running;
    if (plugin == null) {
      throw new IllegalStateException(
          "The plugin doesn't run yet: HowdahPluginExtension must be a field with"
              + " @RegisterExtension.");
    }
    return plugin;
  }
}
