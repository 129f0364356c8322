"""The grading of `decision-sampling calibrate`, compiled from its TypeScript: attempts, decisions, and whether the last answer is right.

Not written by hand: change the sources that the sections name, and run `npm run build:reward` there. Python 3.10 or later, no packages.
"""

