using System.CommandLine;
using DeviceMail;

// A service is given the time to end its conversations; a second Ctrl-C ends it at once.
return await CommandLine.RunAsync(args, new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
