using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace DeviceMail.Receiving;

/// <summary>
/// Blocks of 32 KB for what comes from the network, where Kestrel's own have 4 KB: a scan of 5 MB takes an eighth of the reads. Nothing is rented while
/// a connection is silent.
/// </summary>
internal sealed class WideBlocks : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Blocks();

    private sealed class Blocks : MemoryPool<byte>
    {
        private const int Octets = 32 << 10;

        public override int MaxBufferSize => Shared.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, Octets));

        protected override void Dispose(bool disposing)
        {
        }
    }
}
