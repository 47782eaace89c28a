package dev.howdah.host.discovery;

import dev.howdah.host.catalog.Problem;
import dev.howdah.plugin.PluginManifest;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.RegisteredHooks;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;

/**
 * A plugin that has been made and asked what it does, but not started: for {@code howdah plugins
 * explain}. Its constructor, {@code metadata()} and {@code register()} have run, as far as they
 * got.
 */
public final class PluginInspection implements AutoCloseable {

  private final BoundPluginConfiguration configuration;
  private final PluginContexts.Exports exports;
  private @Nullable PluginInstance instance;
  private @Nullable PluginMetadata metadata;
  private @Nullable RegisteredHooks hooks;
  private @Nullable Problem problem;

  private PluginInspection(String id, Environment environment) {
    this.configuration = new BoundPluginConfiguration(id, environment);
    GenericApplicationContext context = new GenericApplicationContext();
    context.registerBean(Clock.class, Clock::systemUTC);
    context.registerBean(MeterRegistry.class, SimpleMeterRegistry::new);
    context.refresh();
    this.exports = new PluginContexts.Exports(context);
  }

  /**
   * Makes a plugin and asks it. Whatever it throws becomes its {@link #problem()}.
   *
   * @param manifest its manifest
   * @param classLoader loads it; stays open
   * @param environment where its configuration is read from
   */
  public static PluginInspection of(
      PluginManifest manifest, ClassLoader classLoader, Environment environment) {
    PluginInspection inspection = new PluginInspection(manifest.id(), environment);
    inspection.inspect(manifest, classLoader);
    return inspection;
  }

  private void inspect(PluginManifest manifest, ClassLoader classLoader) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(classLoader);
    String step = "its constructor";
    try {
      PluginInstance made =
          new PluginContexts(exports, id -> configuration, id -> AuditPublisher.none())
              .create(manifest, classLoader);
      instance = made;
      step = "metadata()";
      metadata = made.plugin().metadata();
      step = "register()";
      hooks = HookRegistry.collect(made.plugin());
    } catch (Exception | LinkageError | StackOverflowError thrown) {
      problem = StartProblem.of(step, thrown);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Who it says it is, if it came that far. */
  public Optional<PluginMetadata> metadata() {
    return Optional.ofNullable(metadata);
  }

  /** What it does, if it came that far. */
  public Optional<RegisteredHooks> hooks() {
    return Optional.ofNullable(hooks);
  }

  /** The records that it read its configuration into. */
  public List<Class<? extends Record>> configuration() {
    return configuration.boundTypes();
  }

  /** Why it came no further, if so. */
  public Optional<Problem> problem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public void close() throws Exception {
    try (exports) {
      if (instance != null) {
        instance.home().close();
      }
    }
  }
}
