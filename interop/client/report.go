package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"google.golang.org/grpc/status"
)

// row is one call or check and what came of it.
type row struct {
	Plugin    string  `json:"plugin"`
	Transport string  `json:"transport"`
	RPC       string  `json:"rpc"`
	Status    string  `json:"status"`
	Millis    float64 `json:"millis"`
	Detail    string  `json:"detail,omitempty"`
	Failed    bool    `json:"failed"`
	// Undeclared marks a call that the operator would not make.
	Undeclared bool `json:"undeclared,omitempty"`
}

// report collects rows; it may be used from several goroutines.
type report struct {
	mutex sync.Mutex
	rows  []row
}

func (r *report) add(added row) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.rows = append(r.rows, added)
}

func (r *report) failures() []row {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var result []row
	for _, each := range r.rows {
		if each.Failed {
			result = append(result, each)
		}
	}
	return result
}

// observer makes one call, times it and remembers what came of it.
type observer func(rpc string, call func() (string, error)) error

// silently is for attempts whose calls aren't worth rows of their own.
func silently() observer {
	return func(_ string, call func() (string, error)) error {
		_, err := call()
		return err
	}
}

// observing gives the observer for calls that must answer OK.
func (r *report) observing(plugin, transport string) observer {
	return func(rpc string, call func() (string, error)) error {
		started := time.Now()
		detail, err := call()
		added := row{Plugin: plugin, Transport: transport, RPC: rpc, Status: "OK", Detail: detail}
		added.Millis = millisSince(started)
		if err != nil {
			added.Status, added.Detail, added.Failed = statusOf(err), err.Error(), true
		}
		r.add(added)
		return err
	}
}

func millisSince(started time.Time) float64 {
	return float64(time.Since(started).Microseconds()) / 1000
}

// statusOf is the gRPC code of an answer. An error of our own means that the answer came and is one
// that hurts the operator.
func statusOf(err error) string {
	if converted, ok := status.FromError(err); ok {
		return converted.Code().String()
	}
	return "BadAnswer"
}

// writeTable prints all rows, then explains each failure.
func (r *report) writeTable(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "PLUGIN\tTRANSPORT\tCALL\tSTATUS\tMS\t")
	for _, each := range r.rows {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.1f\t%s\n",
			each.Plugin, each.Transport, each.RPC, each.Status, each.Millis, each.note())
	}
	_ = table.Flush()
	failures := r.failures()
	for _, each := range failures {
		_, _ = fmt.Fprintf(out, "\nFAILED: %s over %s, %s: %s\n",
			each.Plugin, each.Transport, each.RPC, oneLine(each.Detail))
	}
	_, _ = fmt.Fprintf(out, "\n%d calls and checks, %d failed\n", len(r.rows), len(failures))
}

// noteLength keeps a table's line readable; JSON has the whole text.
const noteLength = 60

// note is what the table says of an answer that isn't OK.
func (r row) note() string {
	switch {
	case r.Failed:
		return "FAILED"
	case r.Status == "OK" || r.Undeclared:
		return ""
	}
	text := []rune(oneLine(r.Detail))
	if len(text) > noteLength {
		text = append(text[:noteLength-1], '…')
	}
	return string(text)
}

func oneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}

func (r *report) writeJSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"rows": r.rows, "failed": len(r.failures())})
}
