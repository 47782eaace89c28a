package dev.howdah.host.discovery;

import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginDescriptor;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.host.catalog.PluginThreads;
import dev.howdah.host.catalog.Problem;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import dev.howdah.host.guard.CapabilityGuard;
import dev.howdah.host.guard.MetadataGuard;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.RegisteredHooks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Makes served plugins of candidates, in parallel and each under a time limit, and stops them in
 * the reverse order. A plugin that is refused, fails or hangs never keeps the others from starting.
 */
public final class PluginStarter {

  private static final Logger LOG = LoggerFactory.getLogger(PluginStarter.class);

  private record Started(PluginInstance instance, HostedPlugin plugin) {}

  /** A plugin on its way up, and how far it has come. */
  private static final class Attempt {
    private final PluginHandle handle;
    private final PluginCandidate.Acceptable candidate;
    private volatile String step = "its constructor";

    Attempt(PluginHandle handle, PluginCandidate.Acceptable candidate) {
      this.handle = handle;
      this.candidate = candidate;
    }
  }

  private final HowdahProperties properties;
  private final PluginCatalog catalog;
  private final List<PluginDoor> doors;
  private final LeakWatch leaks;
  private final NamedPlugins named;
  private final Predicate<PluginDescriptor> carried;
  private final CapabilityGuard capabilityGuard = new CapabilityGuard();
  private final MetadataGuard metadataGuard = new MetadataGuard();
  private final Map<PluginHandle, Started> started = new ConcurrentHashMap<>();
  private final List<PluginHandle> order = new ArrayList<>();

  /**
   * Prepares.
   *
   * @param properties modes, limits, settings of plugins
   * @param catalog takes the plugins
   * @param doors where they come from, in order: of two with the same id or name the first stays
   * @param leaks looks at what they leave behind
   * @param carried whether a plugin is in the sidecar's image
   */
  public PluginStarter(
      HowdahProperties properties,
      PluginCatalog catalog,
      List<PluginDoor> doors,
      LeakWatch leaks,
      Predicate<PluginDescriptor> carried) {
    this.properties = properties;
    this.catalog = catalog;
    this.doors = List.copyOf(doors);
    this.leaks = leaks;
    this.named = NamedPlugins.of(properties);
    this.carried = carried;
  }

  /** Finds and starts all plugins; returns when each of them serves or has ended. */
  public void start() {
    Map<Attempt, FutureTask<?>> starting = new LinkedHashMap<>();
    Set<String> found = new TreeSet<>();
    for (PluginDoor door : doors) {
      for (PluginCandidate candidate : door.look()) {
        found.add(id(candidate));
        if (!named.serves(candidate)) {
          continue;
        }
        switch (candidate) {
          case PluginCandidate.Refused refused -> reject(refused);
          case PluginCandidate.Acceptable acceptable -> begin(acceptable, starting);
        }
      }
    }
    long end = System.nanoTime() + properties.start().timeout().toNanos();
    named.addMissing(catalog, properties);
    starting.forEach((attempt, task) -> await(attempt, task, end));
    warnOfSettingsForNobody(found);
  }

  private static String packageOf(String className) {
    int dot = className.lastIndexOf('.');
    return dot < 0 ? "" : className.substring(0, dot);
  }

  private static String id(PluginCandidate candidate) {
    return switch (candidate) {
      case PluginCandidate.Refused refused -> refused.id();
      case PluginCandidate.Acceptable acceptable -> acceptable.manifest().id();
    };
  }

  /** Not an error: the same configuration may serve a host with more plugins. */
  private void warnOfSettingsForNobody(Set<String> found) {
    for (String id : properties.plugins().keySet()) {
      if (!found.contains(id)) {
        LOG.atWarn()
            .addKeyValue("found", found)
            .log("howdah.plugins.{} is set, but no plugin has that id", id);
      }
    }
  }

  private void reject(PluginCandidate.Refused refused) {
    catalog.addRejected(
        new PluginDescriptor(
            refused.id(), "", "", "", refused.source(), properties.plugin(refused.id())),
        refused.problem());
  }

  private void begin(PluginCandidate.Acceptable candidate, Map<Attempt, FutureTask<?>> starting) {
    var manifest = candidate.manifest();
    PluginDescriptor descriptor =
        new PluginDescriptor(
            manifest.id(),
            manifest.name(),
            manifest.version(),
            packageOf(manifest.pluginClass()),
            candidate.source(),
            properties.plugin(manifest.id()));
    if (!descriptor.settings().enabled()) {
      LOG.atInfo()
          .addKeyValue("plugin", manifest.name())
          .log("Not started: howdah.plugins.{}.enabled is false", manifest.id());
      return;
    }
    PluginHandle handle = catalog.add(descriptor);
    if (handle.state().terminal()) {
      return;
    }
    handle.become(PluginState.VERIFIED);
    order.add(handle);
    Attempt attempt = new Attempt(handle, candidate);
    FutureTask<?> task = new FutureTask<>(() -> bringUp(attempt), null);
    starting.put(attempt, task);
    Thread thread = new Thread(task, "howdah-start-" + manifest.id());
    thread.setDaemon(true);
    thread.start();
  }

  private void bringUp(Attempt attempt) {
    PluginHandle handle = attempt.handle;
    handle.become(PluginState.STARTING);
    PluginInstance instance = null;
    try {
      instance = attempt.candidate.factory().create();
      Thread.currentThread().setContextClassLoader(instance.classLoader());
      HostedPlugin plugin = describe(attempt, instance);
      attempt.step = "start()";
      instance.plugin().start();
      synchronized (handle) {
        if (handle.state() != PluginState.STARTING) {
          // Too late: it has been given up.
          plugin.threads().close();
          throw new IllegalStateException("It came up after its time limit.");
        }
        started.put(handle, new Started(instance, plugin));
        handle.serve(plugin);
      }
    } catch (Throwable thrown) {
      close(handle, instance);
      if (handle.state() == PluginState.STARTING) {
        handle.end(PluginState.FAILED, StartProblem.of(attempt.step, thrown));
        // What is wrong is in the log by now, with the plugin's new state.
        LOG.atLevel(StartProblem.wantsTrace(thrown) ? Level.ERROR : Level.DEBUG)
            .addKeyValue("plugin", handle.name())
            .addKeyValue("source", handle.descriptor().source())
            .setCause(thrown)
            .log("The plugin can't be started; the others serve");
      }
    }
  }

  private HostedPlugin describe(Attempt attempt, PluginInstance instance) {
    PluginHandle handle = attempt.handle;
    Plugin plugin = instance.plugin();
    attempt.step = "metadata()";
    PluginMetadata metadata = metadataGuard.check(handle.name(), plugin.metadata());
    attempt.step = "register()";
    RegisteredHooks hooks = HookRegistry.collect(plugin);
    Capabilities capabilities =
        capabilityGuard.check(
            handle.name(), Capabilities.derive(offered(handle, hooks), properties.mode().side()));
    HowdahProperties.Limits limits = handle.descriptor().settings().limits(properties.limits());
    return new HostedPlugin(
        metadata,
        hooks,
        capabilities,
        new PluginThreads(
            handle.id(),
            limits.threads(),
            limits.queue(),
            limits.observations(),
            instance.classLoader()),
        instance.classLoader());
  }

  /**
   * What the operator is told of. Beside the operator, what a plugin does inside the instance is
   * left out if no sidecar has it: the instance manager would look for its socket in vain.
   */
  private RegisteredHooks offered(PluginHandle handle, RegisteredHooks hooks) {
    if (properties.mode() != Mode.OPERATOR
        || !hooks.instanceSide()
        || carried.test(handle.descriptor())) {
      return hooks;
    }
    LOG.atWarn()
        .addKeyValue("plugin", handle.name())
        .log(
            "The plugin is offered without what it does inside the instance: the sidecar's image"
                + " doesn't carry it. List it in the sidecar's settings once an image does.");
    return InstanceSide.without(hooks);
  }

  private void await(Attempt attempt, FutureTask<?> task, long end) {
    PluginHandle handle = attempt.handle;
    try {
      task.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      synchronized (handle) {
        if (handle.state() == PluginState.STARTING || handle.state() == PluginState.VERIFIED) {
          handle.end(
              PluginState.FAILED,
              new Problem(
                  "It didn't start within %d s: %s didn't return."
                      .formatted(properties.start().timeout().toSeconds(), attempt.step),
                  "See where it hangs with a thread dump, or raise howdah.start.timeout."));
        }
      }
      task.cancel(true);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Starting a plugin ended in an unforeseen way.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops all plugins that serve, the last one first. */
  public void stop() {
    // On another frame than the plugins, which a variable here would keep in memory.
    stopEach();
    leaks.afterAll();
  }

  private void stopEach() {
    for (PluginHandle handle : order.reversed()) {
      Started up = started.remove(handle);
      if (up != null) {
        stop(handle, up);
        leaks.afterClose(handle, up.instance().classLoader());
      }
    }
  }

  private void stop(PluginHandle handle, Started up) {
    handle.become(PluginState.STOPPING);
    Duration patience = properties.start().stopTimeout();
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              boolean ended = up.plugin().threads().stop(patience.dividedBy(2));
              try {
                up.instance().plugin().stop();
              } finally {
                leaks.beforeClose(handle, up.instance().classLoader());
                up.instance().home().close();
              }
              return ended;
            });
    Thread thread = new Thread(task, "howdah-stop-" + handle.id());
    thread.setContextClassLoader(up.instance().classLoader());
    thread.setDaemon(true);
    thread.start();
    try {
      boolean ended = task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (!ended) {
        LOG.atWarn()
            .addKeyValue("plugin", handle.name())
            .log("The plugin stopped, but some of its hooks still run: they ignore interrupts");
      }
      handle.become(PluginState.STOPPED);
    } catch (TimeoutException e) {
      task.cancel(true);
      handle.end(
          PluginState.FAILED,
          new Problem(
              "It didn't stop within %d s.".formatted(patience.toSeconds()),
              "Make Plugin.stop() end its threads."));
    } catch (ExecutionException e) {
      handle.end(
          PluginState.FAILED,
          new Problem("It failed to stop: " + e.getCause(), "The host's log has the details."));
      LOG.atError()
          .addKeyValue("plugin", handle.name())
          .setCause(e.getCause())
          .log("The plugin failed to stop");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(PluginHandle handle, @Nullable PluginInstance instance) {
    if (instance == null) {
      return;
    }
    try {
      instance.home().close();
    } catch (Exception e) {
      LOG.atWarn()
          .addKeyValue("plugin", handle.name())
          .setCause(e)
          .log("Its context can't be closed");
    }
  }
}
