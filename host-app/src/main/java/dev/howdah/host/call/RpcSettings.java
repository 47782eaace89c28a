package dev.howdah.host.call;

import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.PluginSettings;
import dev.howdah.host.config.PluginSettings.FailPolicy;
import dev.howdah.host.config.PluginSettings.PluginLimits;
import dev.howdah.host.parameters.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Checks settings that are made by RPC: one whose key is misspelt, or that can't be followed, would
 * be believed to be in force.
 */
public final class RpcSettings {

  private static final List<String> KEYS = Arrays.stream(Rpc.values()).map(Rpc::key).toList();

  private RpcSettings() {}

  /**
   * Checks all of them.
   *
   * @throws ConfigurationException for the first one that is wrong; names its key
   */
  public static void check(HowdahProperties properties) {
    checkKeys("howdah.limits.deadlines", properties.limits().deadlines());
    properties.plugins().forEach((id, settings) -> check("howdah.plugins." + id, settings));
  }

  private static void check(String prefix, PluginSettings settings) {
    PluginLimits limits = settings.limits();
    if (limits != null) {
      checkKeys(prefix + ".limits.deadlines", limits.deadlines());
    }
    checkKeys(prefix + ".fail-policy", settings.failPolicy());
    settings
        .failPolicy()
        .forEach(
            (key, policy) -> {
              if (policy == FailPolicy.IGNORE && alwaysFails(key)) {
                throw new ConfigurationException(
                    "%s.fail-policy.%s can't be 'ignore': that RPC always fails when the plugin does, since no answer would be safe. Take it out."
                        .formatted(prefix, key));
              }
            });
  }

  private static boolean alwaysFails(String key) {
    return Rpc.ofKey(key).filter(rpc -> rpc.failure() == Rpc.Failure.ALWAYS_FAIL).isPresent();
  }

  private static void checkKeys(String prefix, Map<String, ?> settings) {
    for (String key : settings.keySet()) {
      if (!KEYS.contains(key)) {
        throw new ConfigurationException(
            "The configuration key %s.%s is unknown.%s Known are: %s."
                .formatted(
                    prefix,
                    key,
                    NearestName.to(key, KEYS)
                        .map(nearest -> " Did you mean %s.%s?".formatted(prefix, nearest))
                        .orElse(""),
                    String.join(", ", KEYS)));
      }
    }
  }
}
