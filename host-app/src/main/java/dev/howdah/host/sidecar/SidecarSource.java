package dev.howdah.host.sidecar;

import dev.howdah.host.config.SidecarSettings;
import dev.howdah.plugin.PluginException;
import java.util.Optional;

/** Where the settings of the sidecar come from. Thread-safe. */
interface SidecarSource {

  /**
   * The settings as they are now; empty if there shall be no sidecar.
   *
   * @throws PluginException of kind {@code UNAVAILABLE} if they can't be known now. Without them no
   *     answer is right: one without a sidecar would roll the databases that have one.
   */
  Optional<SidecarSettings> settings();
}
