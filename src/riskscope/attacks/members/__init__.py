"""Was somebody in the data that a release was made from?"""
