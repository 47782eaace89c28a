/**
 * Tuning by profile: from a machine and a workload to parameters, each with the rule it comes from.
 * Pure arithmetic; the same machine gives the same texts everywhere.
 */
@NullMarked
package dev.howdah.plugins.configuration.profile;

import org.jspecify.annotations.NullMarked;
