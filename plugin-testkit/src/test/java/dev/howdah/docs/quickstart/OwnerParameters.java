// docs:parameters
package dev.howdah.docs.quickstart;

import dev.howdah.plugin.Parameter;
import jakarta.validation.constraints.Pattern;

record OwnerParameters(
    @Parameter(description = "The team that owns the Cluster.")
        @Pattern(regexp = "[a-z][-a-z0-9]{0,62}")
        String owner) {}
// docs:end
