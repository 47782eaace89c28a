package dev.howdah.plugin.backup;

import java.util.Optional;

/**
 * A data directory to be restored.
 *
 * @param checkEmptyArchive whether the archive that the <em>new</em> Cluster will write to must be
 *     empty; empty with operators that don't say
 */
public record RestoreRequest(Optional<Boolean> checkEmptyArchive) {}
