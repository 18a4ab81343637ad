using System.Net;
using System.Net.Sockets;

namespace DeviceMail.Tests.Parts;

/// <summary>Ports for programs that must be told theirs. From below the range out of which the system gives connections their own.</summary>
public static class FreePort
{
    private const int Lowest = 20_000;
    private const int Count = 12_000;

    private static int _next = Random.Shared.Next(Count);

    public static int Next()
    {
        while (true)
        {
            var port = Lowest + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                probe.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
