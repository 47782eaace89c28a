package dev.howdah.plugin.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.Capabilities.OperatorRpc;
import dev.howdah.plugin.registry.DesiredParametersRegistration;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.RegisteredHooks;
import dev.howdah.plugin.registry.Side;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PolicyAndLayersTest {

  @Test
  void aPolicyAloneDeclaresBothValidations() {
    RegisteredHooks hooks = registered(h -> h.policy((before, context) -> List.of()));

    assertThat(Capabilities.derive(hooks, Side.OPERATOR).operator())
        .containsExactlyInAnyOrder(
            OperatorRpc.VALIDATE_CLUSTER_CREATE, OperatorRpc.VALIDATE_CLUSTER_CHANGE);
  }

  @Test
  void onePluginCanSpeakForSeveralLayersInTheOrderOfRank() {
    RegisteredHooks hooks =
        registered(
            h -> {
              h.desiredParameters(ParameterLayer.PROFILE, context -> Map.of());
              h.desiredParameters(ParameterLayer.POLICY, context -> Map.of());
            });

    assertThat(hooks.desiredParameters())
        .extracting(DesiredParametersRegistration::layer)
        .containsExactly(ParameterLayer.POLICY, ParameterLayer.PROFILE);
  }

  @Test
  void oneLayerCanBeSpokenForOnlyOnce() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                registered(
                    h -> {
                      h.desiredParameters(ParameterLayer.PROFILE, context -> Map.of());
                      h.desiredParameters(ParameterLayer.PROFILE, context -> Map.of());
                    }))
        .withMessageContaining("PROFILE");
  }

  private static RegisteredHooks registered(Consumer<Hooks> registration) {
    return HookRegistry.collect(
        new Plugin() {
          @Override
          public PluginMetadata metadata() {
            return PluginMetadata.of("test.example.com", "1").description("A test.").build();
          }

          @Override
          public void register(Hooks hooks) {
            registration.accept(hooks);
          }
        });
  }
}
