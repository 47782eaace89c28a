package dev.howdah.plugins.audit;

import dev.howdah.plugin.Parameter;
import jakarta.validation.constraints.Pattern;

/**
 * What a Cluster may tell the plugin.
 *
 * @param pgaudit which statements PostgreSQL's pgaudit logs; the values are those of {@link
 *     PgauditPreset}, in lower case
 */
public record AuditParameters(
    @Parameter(
            description =
                "What pgaudit logs: off (nothing is set), ddl (definitions and roles), write (also"
                    + " data changes), all (also reads).",
            defaultValue = "off")
        @Pattern(
            regexp = "off|ddl|write|all",
            message = "must be one of off, ddl, write, all (quote \"off\" in YAML)")
        String pgaudit) {

  PgauditPreset preset() {
    return PgauditPreset.of(pgaudit);
  }
}
