package main

// usage is what the package documentation says; -h prints it.
const usage = `Command modelslab-probe asks the live API what its documentation leaves open,
and compares the answers with what this library assumes:

	MODELSLAB_API_KEY=... go run ./cmd/modelslab-probe [-budget dollars] [-yes]
		[-public-url https://host -listen 127.0.0.1:port] [-workflow id [-workflow-body json]]
		[-report file] [-out folder] [-base-url url] [-patience duration] [-grace duration]

Without -yes it sends nothing and prints the plan: each question, what would be
sent and what that costs at most. The prices are guesses on the high side; where
the wallet can be read, what was really spent counts as well. No question is
asked that could pass -budget (0.50).

Questions about webhooks need a URL that the API can reach, of a tunnel for
instance: -public-url, and the address on this machine that it leads to,
-listen. How a failed workflow is reported needs a workflow that fails with
-workflow-body, and whose webhook is set to the public URL followed by /workflow.
What is missing stays open, and the report says so.

It writes probe-report.md (-report) and the calls (-out probe-recordings), which
modelslabtest.WithRecording replays. The API key and callback tokens are in
neither. A job has -patience (10m) to end, a webhook -grace (2m) to come.

It exits with 0 when nothing differs from what the library assumes, with 1 and a
list when something does, with 2 when it was called wrong, and with 3 when the
API could not be asked: no key, a refused one, no connection.
`
