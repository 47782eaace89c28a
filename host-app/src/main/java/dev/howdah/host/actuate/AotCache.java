package dev.howdah.host.actuate;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.stereotype.Component;

/**
 * Says whether this JVM runs from an AOT cache, in one line at the start and as a metric. The JVM
 * goes on in silence when it refuses a cache, and the start is then slower than without one.
 */
@Component
class AotCache implements MeterBinder, ApplicationListener<ApplicationReadyEvent> {

  private static final Logger LOG = LoggerFactory.getLogger(AotCache.class);
  private static final String OPTION = "AOTCache";

  private final State state = State.of(option(), System.getProperty("java.vm.info", ""));

  /** What became of the cache. */
  enum State {
    NONE,
    IN_USE,
    REFUSED;

    /**
     * Finds out.
     *
     * @param file the cache that the JVM was told to use; empty for none
     * @param vmInfo the system property {@code java.vm.info}, which names {@code sharing} if the
     *     JVM maps classes from a file; with a cache given, from no other file than that
     */
    static State of(String file, String vmInfo) {
      if (file.isEmpty()) {
        return NONE;
      }
      return vmInfo.contains("sharing") ? IN_USE : REFUSED;
    }
  }

  @Override
  public void onApplicationEvent(ApplicationReadyEvent event) {
    switch (state) {
      case NONE -> LOG.info("Runs without an AOT cache");
      case IN_USE -> LOG.atInfo().addKeyValue("file", option()).log("Runs from an AOT cache");
      case REFUSED ->
          LOG.atWarn()
              .addKeyValue("file", option())
              .log(
                  "The JVM refused the AOT cache, which makes starts slow: it was made by another"
                      + " JDK, with other options or of other jars. Make it anew.");
    }
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("howdah.jvm.aot.cache", () -> state == State.IN_USE ? 1 : 0)
        .description("1 if the JVM runs from an AOT cache")
        .register(registry);
  }

  private static String option() {
    @Nullable HotSpotDiagnosticMXBean jvm =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (jvm == null) {
      return "";
    }
    try {
      return jvm.getVMOption(OPTION).getValue();
    } catch (IllegalArgumentException unknown) {
      // A JVM that has no such caches.
      return "";
    }
  }
}
