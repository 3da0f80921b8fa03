package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/modelslab-go/modelslab/internal/redact"
)

// write writes the report and the recordings.
func (p *prober) write(findings []finding) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# What the API answered\n\nAsked at %s with a budget of $%.2f, of which at most $%.2f were spent.\n", p.baseURL, p.budget, p.spent)
	for i, f := range findings {
		fmt.Fprintf(&b, "\n## %d. %s\n\n- Assumed: %s\n- Seen: %s\n- Verdict: **%s**\n", i+1, f.question.text, f.question.assumed, oneLine(f.seen), f.verdict)
	}
	recording, incomplete := p.recorder.Recording()
	if incomplete != nil {
		fmt.Fprintf(&b, "\nThe recording is incomplete: %v.\n", incomplete)
	}
	if err := os.WriteFile(p.report, []byte(redact.Text(b.String(), p.key)), 0o600); err != nil {
		return err
	}
	return recording.WriteFile(filepath.Join(p.folder, "probe.json"))
}

// oneLine keeps what the API says from becoming markup of the report.
func oneLine(text string) string {
	return strings.NewReplacer("\n", " ", "<", "&lt;", "`", "'", "|", "/").Replace(text)
}
