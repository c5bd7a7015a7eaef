"""What a reader keeps of the homes: favourites, those to compare, and a booklet to print."""
