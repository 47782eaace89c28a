package dev.howdah.plugins.hello;

import dev.howdah.plugin.Parameter;
import jakarta.validation.constraints.NotBlank;
import java.util.Map;

/** What a Cluster can tell the plugin in {@code spec.plugins[].parameters}. */
record HelloParameters(
    @Parameter(
            description = "Labels that every instance Pod gets, as a JSON object.",
            defaultValue = "{\"plugin-metadata\":\"default\"}",
            immutable = true)
        Map<String, String> labels,
    @Parameter(
            description = "Annotations that every instance Pod gets, as a JSON object.",
            defaultValue = "{\"plugin-metadata\":\"default\"}")
        Map<String, String> annotations,
    @Parameter(
            description = "Whether every instance Pod gets a sidecar that does nothing.",
            defaultValue = "true")
        boolean sidecar,
    @Parameter(
            name = "sidecar.image",
            description = "The sidecar's image.",
            defaultValue = "registry.k8s.io/pause:3.10")
        @NotBlank
        String sidecarImage) {}
