import ArgumentParser
import Yams
import Sandbox
import Storage
import Engine
@main struct OrderSync: ParsableCommand { func run() {} }
