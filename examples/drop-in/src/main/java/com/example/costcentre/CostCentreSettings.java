package com.example.costcentre;

import dev.howdah.plugin.Parameter;
import jakarta.validation.constraints.NotEmpty;
import java.util.Map;

/**
 * What the platform team configures in {@code howdah.plugins.cost-centre}.
 *
 * @param budgets the cost centres there are, each with whom it is charged to
 * @param prefix of the labels
 */
record CostCentreSettings(
    @NotEmpty Map<String, String> budgets,
    @Parameter(defaultValue = "billing.example.com") String prefix) {}
