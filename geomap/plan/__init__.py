"""For planners: who is covered, who is not, and is the claim true? Frames in, frames out."""
