package dev.howdah.host.discovery;

import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.parameters.RecordConstraints;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Reports what drop-in plugins leave behind when they stop: threads that go on, JDBC drivers that
 * stay registered, and whatever else keeps their classes in memory. A leak does no harm in a
 * process that ends; it does where plugins are started anew in the same process, as in tests and
 * under {@code serve --watch}. One plugin after the other, by the thread that stops them.
 */
public final class LeakWatch {

  private static final Logger LOG = LoggerFactory.getLogger(LeakWatch.class);

  /** A pool that was told to end takes a moment for it. */
  private static final Duration GRACE = Duration.ofMillis(300);

  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final int COLLECTIONS = 5;

  private final MeterRegistry meters;
  private final Map<PluginHandle, WeakReference<ClassLoader>> stopped = new LinkedHashMap<>();

  /**
   * Prepares.
   *
   * @param meters counts leaks as {@code howdah.plugin.leaks}
   */
  public LeakWatch(MeterRegistry meters) {
    this.meters = meters;
  }

  /**
   * Looks for what a plugin left, when it has stopped but its files are still open.
   *
   * @param handle the plugin
   * @param loader its class loader; only a drop-in has one that can be told from the host's
   */
  void beforeClose(PluginHandle handle, ClassLoader loader) {
    if (loader instanceof PluginClassLoader own) {
      try {
        Method sweep = own.adopt(DriverSweep.class).getDeclaredMethod("sweep");
        sweep.setAccessible(true);
        if (sweep.invoke(null) instanceof List<?> drivers && !drivers.isEmpty()) {
          report(
              handle,
              "jdbc-driver",
              "It left JDBC drivers registered, which the host has removed: %s. Deregister them in"
                  + " Plugin.stop().",
              drivers);
        }
      } catch (ReflectiveOperationException | IOException | LinkageError e) {
        LOG.atWarn()
            .addKeyValue("plugin", handle.name())
            .setCause(e)
            .log("Whether the plugin left JDBC drivers can't be told");
      }
    }
  }

  /**
   * Looks for a plugin's threads, when it has stopped.
   *
   * @param handle the plugin
   * @param loader its class loader
   */
  void afterClose(PluginHandle handle, ClassLoader loader) {
    if (!(loader instanceof PluginClassLoader)) {
      return;
    }
    Collection<String> left = threads(loader);
    long end = System.nanoTime() + GRACE.toNanos();
    while (!left.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(PAUSE.toNanos());
      left = threads(loader);
    }
    if (left.isEmpty()) {
      stopped.put(handle, new WeakReference<>(loader));
    } else {
      // Its classes can't leave memory while they run, so that needs no report of its own.
      report(handle, "threads", "It left threads running: %s. End them in Plugin.stop().", left);
    }
  }

  private static Collection<String> threads(ClassLoader loader) {
    TreeSet<String> names = new TreeSet<>();
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) -> {
              if (thread != Thread.currentThread()
                  && thread.isAlive()
                  && (thread.getContextClassLoader() == loader
                      || thread.getClass().getClassLoader() == loader
                      || runs(stack, loader))) {
                names.add(thread.getName());
              }
            });
    return names;
  }

  private static boolean runs(StackTraceElement[] stack, ClassLoader loader) {
    for (StackTraceElement frame : stack) {
      if (frame.getClassLoaderName() != null
          && frame.getClassLoaderName().equals(loader.getName())) {
        return true;
      }
    }
    return false;
  }

  /** Looks which plugins' classes are still in memory, when all have stopped. */
  void afterAll() {
    if (!stopped.isEmpty()) {
      forgetClasses();
    }
    for (int round = 0; round < COLLECTIONS && !stopped.isEmpty(); round++) {
      System.gc();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      stopped.values().removeIf(loader -> loader.refersTo(null));
    }
    List<PluginHandle> held = new ArrayList<>(stopped.keySet());
    stopped.clear();
    held.forEach(
        handle ->
            report(
                handle,
                "class-loader",
                "Something still refers to its classes: %s. A heap dump shows what holds its"
                    + " PluginClassLoader.",
                List.of(
                    "a shutdown hook, a thread-local of a shared thread, or a registry or cache"
                        + " outside the plugin")));
  }

  /**
   * What the host's own libraries remember of classes, they hold softly: it goes when memory is
   * short, and not before, so it would look like a leak of the plugin's.
   */
  private static void forgetClasses() {
    ResolvableType.clearCache();
    ReflectionUtils.clearCache();
    AnnotationUtils.clearCache();
    RecordConstraints.forgetClasses();
  }

  private void report(PluginHandle handle, String kind, String message, Collection<?> what) {
    meters.counter("howdah.plugin.leaks", "plugin", handle.name(), "kind", kind).increment();
    LOG.atWarn()
        .addKeyValue("plugin", handle.name())
        .addKeyValue("source", handle.descriptor().source())
        .addKeyValue("leak", kind)
        .log(
            "The plugin left something behind. "
                + message.formatted(
                    String.join(", ", what.stream().map(String::valueOf).toList())));
  }
}
