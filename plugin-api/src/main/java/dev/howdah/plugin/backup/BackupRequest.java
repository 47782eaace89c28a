package dev.howdah.plugin.backup;

import dev.howdah.plugin.Parameters;
import dev.howdah.plugin.cluster.Backup;

/**
 * A base backup to be made.
 *
 * @param backup the Backup resource that asks for it
 * @param parameters {@code spec.pluginConfiguration.parameters} of the Backup
 */
public record BackupRequest(Backup backup, Parameters parameters) {}
