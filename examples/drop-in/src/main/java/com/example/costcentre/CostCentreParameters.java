package com.example.costcentre;

import dev.howdah.plugin.Parameter;
import jakarta.validation.constraints.Pattern;
import java.util.Optional;

/** What a Cluster says in {@code spec.plugins[].parameters}. */
record CostCentreParameters(
    @Parameter(name = "cost-centre", description = "Who pays for the Cluster, such as CC-4711.")
        @Pattern(regexp = "CC-[0-9]{4}", message = "must look like CC-4711")
        String costCentre,
    @Parameter(description = "The team that answers for the Cluster.")
        Optional<@Pattern(regexp = "[a-z][-a-z0-9]{0,62}") String> owner) {}
