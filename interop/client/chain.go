package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// chained is a plugin that decorates Pods, ready to be called.
type chained struct {
	plugin *loaded
	conn   *connection
}

// checkChain evaluates one Pod of a Cluster that uses all plugins, each getting what the one before
// left, as the operator does. A second evaluation must give the same Pod.
func checkChain(r *report, transport string, objects objects, chain []*chained) {
	r.check(fmt.Sprintf("%d plugins", len(chain)), transport, "a Pod through all plugins, twice",
		func(ctx context.Context) (string, error) {
			plugins := make([]*loaded, len(chain))
			for i, each := range chain {
				plugins[i] = each.plugin
			}
			cluster, err := objects.cluster("cluster-minimal.json", plugins...)
			if err != nil {
				return "", err
			}
			first, err := evaluateAll(ctx, objects, cluster, chain)
			if err != nil {
				return "", err
			}
			second, err := evaluateAll(ctx, objects, cluster, chain)
			if err != nil {
				return "", err
			}
			if !bytes.Equal(first.bytes(), second.bytes()) {
				return "", errors.New("two evaluations give two Pods: the operator would roll them for ever")
			}
			return "", nil
		})
}

func evaluateAll(
	ctx context.Context, objects objects, cluster document, chain []*chained,
) (document, error) {
	pod, err := objects.read("pod-instance.json")
	if err != nil {
		return nil, err
	}
	for _, each := range chain {
		if pod, err = hook(ctx, each.conn, evaluate, "Pod", cluster, pod); err != nil {
			return nil, fmt.Errorf("%s: %w", each.plugin.name, err)
		}
	}
	return pod, nil
}
