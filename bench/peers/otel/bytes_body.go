package main

import (
	"context"
	"unsafe"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/entry"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/helper"
	"go.opentelemetry.io/collector/component"
)

// The filelog receiver's bodies are strings unless its encoding is "nop", which does not split lines. The Kafka
// exporter's raw encoding sends bytes as they are, but a string as JSON, with quotes and escapes. So that the topic
// holds the lines themselves, as with every other contender, this operator makes bytes of each body.
const bytesBodyType = "bytes_body"

func init() {
	operator.Register(bytesBodyType, func() operator.Builder {
		return &bytesBodyConfig{helper.NewTransformerConfig(bytesBodyType, bytesBodyType)}
	})
}

type bytesBodyConfig struct {
	helper.TransformerConfig `mapstructure:",squash"`
}

func (c bytesBodyConfig) Build(set component.TelemetrySettings) (operator.Operator, error) {
	transformer, err := c.TransformerConfig.Build(set)
	if err != nil {
		return nil, err
	}
	return &bytesBody{transformer}, nil
}

type bytesBody struct {
	helper.TransformerOperator
}

func (o *bytesBody) ProcessBatch(ctx context.Context, entries []*entry.Entry) error {
	for _, each := range entries {
		asBytes(each)
	}
	return o.WriteBatch(ctx, entries)
}

func (o *bytesBody) Process(ctx context.Context, each *entry.Entry) error {
	asBytes(each)
	return o.Write(ctx, each)
}

// The bytes are the string's own: nobody writes into them, and a copy would be charged to the collector.
func asBytes(each *entry.Entry) {
	if text, ok := each.Body.(string); ok {
		each.Body = unsafe.Slice(unsafe.StringData(text), len(text))
	}
}
