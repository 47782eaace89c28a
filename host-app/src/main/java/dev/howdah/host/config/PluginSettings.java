package dev.howdah.host.config;

import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the host itself takes from {@code howdah.plugins.<id>.*}; all other keys there are the
 * plugin's own.
 *
 * @param enabled whether the plugin is instantiated at all
 * @param required whether the health group {@code plugins} goes down while it isn't ready
 * @param aliases further names it is called by, such as its Services' names
 * @param failPolicy what happens when it fails, by RPC, such as {@code pre: fail}
 * @param limits what it may use; what is not given holds as in {@code howdah.limits}
 */
public record PluginSettings(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("false") boolean required,
    @DefaultValue List<String> aliases,
    @DefaultValue Map<String, FailPolicy> failPolicy,
    @Nullable PluginLimits limits) {

  /** What holds for a plugin that has no settings. */
  public static final PluginSettings DEFAULTS =
      new PluginSettings(true, false, List.of(), Map.of(), null);

  /**
   * What one plugin may use.
   *
   * @param threads hooks that run at a time
   * @param queue hooks that wait at a time
   * @param deadlines time limits by RPC
   */
  public record PluginLimits(
      @Nullable @Min(1) Integer threads,
      @Nullable @Min(0) Integer queue,
      @DefaultValue Map<String, Duration> deadlines) {}

  /** What happens when a plugin fails. */
  public enum FailPolicy {
    /** The call is answered as if the plugin had nothing to say. */
    IGNORE,
    /** The call fails. */
    FAIL
  }

  /**
   * The host's limits with this plugin's own in their place.
   *
   * @param host limits that hold for all plugins
   */
  public HowdahProperties.Limits limits(HowdahProperties.Limits host) {
    if (limits == null) {
      return host;
    }
    Map<String, Duration> deadlines = new LinkedHashMap<>(host.deadlines());
    deadlines.putAll(limits.deadlines());
    return new HowdahProperties.Limits(
        Optional.ofNullable(limits.threads()).orElse(host.threads()),
        Optional.ofNullable(limits.queue()).orElse(host.queue()),
        host.observations(),
        deadlines);
  }
}
