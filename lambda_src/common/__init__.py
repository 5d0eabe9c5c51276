"""What more than one payload needs: how settings are read, and who must act on an error."""
