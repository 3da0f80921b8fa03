package sqlite_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

// Workers of one machine start together and all want to create the file.
func TestAFreshFileIsOpenedByManyAtOnce(t *testing.T) {
	t.Parallel()
	const openers = 12
	for round := range 5 {
		path := filepath.Join(t.TempDir(), fmt.Sprint(round, ".db"))
		errs := make([]error, openers)
		begin := make(chan struct{})
		var wg sync.WaitGroup
		for i := range openers {
			wg.Go(func() {
				<-begin
				store, err := sqlite.OpenStore(t.Context(), path)
				if err == nil {
					err = store.Close()
				}
				errs[i] = err
			})
		}
		close(begin)
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
	}
}
